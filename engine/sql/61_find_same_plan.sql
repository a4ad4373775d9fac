-- Has a run that sent nothing left exactly this plan in the ledger: the same changes, of the same people, for the same reasons?
-- Reads rollcall.runs, rollcall.changes, plan.
-- Parameters: $sync VARCHAR, $plan_hash VARCHAR, $undoes VARCHAR.
WITH earlier AS (
    SELECT run_id FROM rollcall.runs
    WHERE sync = $sync AND plan_hash = $plan_hash AND undoes IS NOT DISTINCT FROM $undoes
      AND plan_run_id IS NULL AND status IN ('BLOCKED', 'DRY_RUN')
    ORDER BY run_id DESC
    LIMIT 1
),
told AS (
    SELECT action, record_id, key, cause FROM rollcall.changes
    WHERE run_id = (SELECT run_id FROM earlier) AND state = 'planned'
),
differing AS (
    (SELECT action, record_id, key, cause FROM temp.main.plan EXCEPT SELECT action, record_id, key, cause FROM told)
    UNION ALL
    (SELECT action, record_id, key, cause FROM told EXCEPT SELECT action, record_id, key, cause FROM temp.main.plan)
)
SELECT run_id
FROM earlier
WHERE NOT EXISTS (SELECT 1 FROM differing);

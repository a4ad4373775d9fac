-- Which approval covers the plan? All that it removes, and the list that it makes, are in the plan of the blocked run that was approved; where it has too few keys, that one had too few too, and no more.
-- Reads rollcall.approval_status, rollcall.runs, rollcall.changes, plan.
-- Parameters: $sync, $undoes, $list_id (NULL: to be made), $list_name VARCHAR; $now TIMESTAMPTZ; $begun BOOLEAN (only one whose plan was begun and cut short); $too_few BIGINT (its keys, where they are too few).
WITH approved AS (
    SELECT DISTINCT r.run_id, coalesce(r.epoch, 0) AS epoch, coalesce(r.plan_run_id, r.run_id) AS plan_id
    FROM rollcall.approval_status a
    JOIN rollcall.runs r ON r.run_id = a.run_id
    WHERE a.sync = $sync
      AND a.undoes IS NOT DISTINCT FROM $undoes::VARCHAR
      AND a.void_reason IS NULL
      AND a.expires_at > $now::TIMESTAMPTZ
      AND (a.used_at IS NOT NULL OR NOT $begun::BOOLEAN)
      AND (r.list_id = $list_id::VARCHAR OR r.list_id IS NULL AND r.makes_list = $list_name::VARCHAR)
      AND ($too_few::BIGINT IS NULL OR list_contains(string_split(r.guards, ','), 'min_rows') AND r.n_emails <= $too_few::BIGINT)
),
uncovered AS (
    SELECT DISTINCT approved.run_id
    FROM approved
    JOIN temp.main.plan ON plan.action = 'remove'
    ANTI JOIN rollcall.changes seen ON seen.run_id = approved.plan_id AND seen.action = 'remove' AND seen.record_id = plan.record_id
)
SELECT run_id
FROM approved
WHERE run_id NOT IN (SELECT run_id FROM uncovered)
ORDER BY epoch DESC, run_id DESC
LIMIT 1;

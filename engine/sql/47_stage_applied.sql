-- Which members did Rollcall itself last leave on the list? Changes whose answer was lost count with their reconciled state, whether it is in the ledger yet or not.
-- Makes applied from rollcall.members and rollcall_reconciled.
-- Parameters: $list_id VARCHAR.
CREATE TEMP TABLE applied AS
WITH known AS (
    SELECT record_id, key, coalesce(is_foreign, false) AS is_foreign FROM rollcall.members WHERE list_id = $list_id
),
joined AS (
    SELECT record_id, min(key) AS key
    FROM temp.main.rollcall_reconciled
    WHERE action = 'add' AND state IN ('done', 'already') AND record_id NOT IN (SELECT record_id FROM known)
    GROUP BY record_id
    HAVING NOT coalesce(bool_and(cause = 'undone_foreign'), false)
),
gone AS (
    SELECT record_id
    FROM temp.main.rollcall_reconciled
    WHERE action = 'remove' AND state IN ('done', 'already', 'missing')
       OR action = 'add' AND told IN ('missing', 'failed')
)
SELECT record_id, min(key) AS key
FROM (SELECT record_id, key FROM known WHERE NOT is_foreign UNION ALL SELECT record_id, key FROM joined)
WHERE record_id NOT IN (SELECT record_id FROM gone)
GROUP BY record_id;

-- What is the opposite of what a run did? Without the records that a later run or a person touched: what the list shows must be what the run left.
-- Makes plan, anew when answers have changed, from rollcall.changes, rollcall_reconciled, rollcall.drift, rollcall_newcomers and current.
-- Parameters: $undoes VARCHAR (the run), $list_id VARCHAR, $chunk BIGINT (changes a batch), $sync INTEGER.
CREATE OR REPLACE TEMP TABLE plan AS
WITH sent AS (
    -- Changes whose answer was lost count with their reconciled state, whether it is in the ledger yet or not.
    SELECT c.run_id, c.list_id, c.action, c.record_id, c.key, c.cause, coalesce(s.state, c.state) AS state, coalesce(s.reason, c.reason) AS reason
    FROM rollcall.changes c
    LEFT JOIN temp.main.rollcall_reconciled s ON s.run_id = c.run_id AND s.action = c.action AND s.record_id = c.record_id
    WHERE c.run_id = $undoes OR c.list_id = $list_id AND c.run_id > $undoes
),
did AS (
    -- Earlier versions wrote already, with a reason, for a change that held when its call was repeated after an answer was lost.
    SELECT record_id, min(action) AS action, min(key) AS key, bool_or(cause IN ('foreign', 'undone_foreign')) AS is_foreign
    FROM sent
    WHERE run_id = $undoes AND (state = 'done' OR state = 'already' AND reason IS NOT NULL)
    GROUP BY record_id
    HAVING count(DISTINCT action) = 1
),
touched AS (
    SELECT record_id FROM sent
    WHERE list_id = $list_id AND run_id > $undoes AND state IN ('done', 'already', 'sent', 'unknown')
    UNION
    SELECT record_id FROM rollcall.drift
    WHERE list_id = $list_id AND run_id > $undoes AND cause IN ('added_by_hand', 'removed_by_hand')
),
changes AS (
    SELECT CASE did.action WHEN 'add' THEN 'remove' ELSE 'add' END AS action, did.record_id, did.key, did.is_foreign
    FROM did
    WHERE did.record_id NOT IN (SELECT record_id FROM touched)
      AND did.record_id NOT IN (SELECT record_id FROM temp.main.rollcall_newcomers WHERE sync = $sync)
      AND (did.action = 'add') = (did.record_id IN (SELECT record_id FROM temp.main.current))
)
SELECT
    (row_number() OVER (ORDER BY action, record_id) - 1) // $chunk::BIGINT + 1 AS batch,
    action,
    record_id,
    key,
    CASE WHEN is_foreign THEN 'undone_foreign' ELSE 'undone' END AS cause
FROM changes
ORDER BY action, record_id;

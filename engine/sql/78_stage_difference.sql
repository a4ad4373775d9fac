-- How does the list, read back, differ from what the ledger says is on it? Changes whose answer is not known make no difference. A list that is not $whole does not show who is missing; where the plan's own reading was $in_part, who appears may have been there before.
-- Makes rollcall_difference, anew for every reading, from rollcall_pages, rollcall.members and rollcall.changes.
-- Parameters: $sync INTEGER; $run_id, $list_id VARCHAR; $whole, $in_part BOOLEAN.
CREATE OR REPLACE TEMP TABLE rollcall_difference AS
WITH there AS (
    SELECT DISTINCT record_id FROM temp.main.rollcall_pages WHERE sync = $sync
),
known AS (
    SELECT record_id, min(key) AS key FROM rollcall.members WHERE list_id = $list_id GROUP BY record_id
),
own AS (
    SELECT action, record_id, key FROM rollcall.changes WHERE run_id = $run_id AND state IN ('done', 'already')
),
differing AS (
    SELECT k.record_id, k.key, 'disappeared' AS kind, CASE WHEN own.record_id IS NULL THEN 'lost' ELSE 'not_applied' END AS cause
    FROM known k
    ANTI JOIN there ON there.record_id = k.record_id
    LEFT JOIN own ON own.record_id = k.record_id AND own.action = 'add'
    WHERE $whole
    UNION ALL
    SELECT there.record_id, own.key, 'appeared', CASE WHEN own.record_id IS NULL THEN 'added_by_hand' ELSE 'not_applied' END
    FROM there
    ANTI JOIN known k ON k.record_id = there.record_id
    LEFT JOIN own ON own.record_id = there.record_id AND own.action = 'remove'
)
SELECT record_id, key, kind, cause, NOT $in_part OR cause <> 'added_by_hand' AS is_drift
FROM differing
WHERE record_id NOT IN (SELECT record_id FROM rollcall.changes WHERE list_id = $list_id AND state IN ('sent', 'unknown'));

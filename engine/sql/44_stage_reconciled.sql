-- What is the state of changes whose answer was lost? The journal's, or else the list's: done, if the added record is on the list or the removed one is not.
-- Makes rollcall_reconciled, anew for every list, from rollcall_pending_unknown and current.
-- Parameters: $list_id VARCHAR.
CREATE OR REPLACE TEMP TABLE rollcall_reconciled AS
SELECT
    run_id, action, record_id, key, cause, told,
    coalesce(told, CASE WHEN shown THEN 'done' ELSE 'failed' END) AS state,
    CASE
        WHEN told IS NOT NULL THEN reason
        WHEN shown THEN 'the answer was lost; the list shows the change'
        ELSE 'the answer was lost; the list does not show the change'
    END AS reason
FROM (
    SELECT *, (action = 'add') = (record_id IN (SELECT record_id FROM temp.main.current)) AS shown
    FROM temp.main.rollcall_pending_unknown
    WHERE list_id = $list_id
);

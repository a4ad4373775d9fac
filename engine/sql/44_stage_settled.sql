-- What became of changes whose answer was lost? What the journal says, or else the list: an addition that is there and a removal that is gone were done.
-- Makes rollcall_settled, anew for every list, from rollcall_unsettled and current.
-- Parameters: $list_id VARCHAR.
CREATE OR REPLACE TEMP TABLE rollcall_settled AS
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
    FROM temp.main.rollcall_unsettled
    WHERE list_id = $list_id
);

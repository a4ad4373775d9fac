-- What became of changes whose answer was lost? The list tells: an addition that is there and a removal that is gone were done.
-- Writes rollcall.changes; reads current.
-- Parameters: $list_id VARCHAR, $now TIMESTAMPTZ.
UPDATE rollcall.changes
SET state = CASE WHEN (action = 'add') = (record_id IN (SELECT record_id FROM temp.main.current)) THEN 'done' ELSE 'failed' END,
    reason = CASE WHEN (action = 'add') = (record_id IN (SELECT record_id FROM temp.main.current))
        THEN 'the answer was lost; the list shows the change'
        ELSE 'the answer was lost; the list does not show the change' END,
    changed_at = $now
WHERE list_id = $list_id AND state IN ('unknown', 'sent');

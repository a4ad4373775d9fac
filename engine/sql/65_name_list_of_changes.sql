-- The changes are to the list that the run has made.
-- Writes rollcall.changes.
-- Parameters: $run_id VARCHAR, $list_id VARCHAR.
UPDATE rollcall.changes
SET list_id = $list_id
WHERE run_id = $run_id;

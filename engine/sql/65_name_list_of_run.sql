-- The list that the run has made.
-- Writes rollcall.runs.
-- Parameters: $run_id VARCHAR, $list_id VARCHAR.
UPDATE rollcall.runs
SET list_id = $list_id,
    made_list = true
WHERE run_id = $run_id;

-- A run that is to be undone.
-- Reads rollcall.runs.
-- Parameters: $run_id VARCHAR.
SELECT sync, status, coalesce(list_id, '') AS list_id
FROM rollcall.runs
WHERE run_id = $run_id;

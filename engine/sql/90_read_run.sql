-- One run.
-- Reads rollcall.runs.
-- Parameters: $run_id VARCHAR.
SELECT sync, status, coalesce(plan_hash, '') AS plan_hash, coalesce(undoes, '') AS undoes
FROM rollcall.runs
WHERE run_id = $run_id;

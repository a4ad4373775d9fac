-- The run's additions, with those that came to the plan while it was applied.
-- Writes rollcall.runs.
-- Parameters: $run_id VARCHAR, $n_to_add BIGINT.
UPDATE rollcall.runs
SET n_to_add = $n_to_add
WHERE run_id = $run_id;

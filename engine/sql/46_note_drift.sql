-- The run's row says how much drift it has found, from that moment on.
-- Writes rollcall.runs.
-- Parameters: $run_id VARCHAR, $n_drift BIGINT.
UPDATE rollcall.runs
SET n_drift = $n_drift
WHERE run_id = $run_id;

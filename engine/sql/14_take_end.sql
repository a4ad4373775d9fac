-- A run that the ledger still has as RUNNING ended as the journal says.
-- Writes rollcall.runs.
-- Parameters: $run_id, $status, $error, $hint VARCHAR; $held_runner BOOLEAN; $finished_at TIMESTAMPTZ.
UPDATE rollcall.runs
SET status = $status, error = $error, hint = $hint, held_runner = $held_runner, finished_at = $finished_at
WHERE run_id = $run_id AND status = 'RUNNING';

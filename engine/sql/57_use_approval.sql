-- A yes counts once.
-- Writes rollcall.approvals.
-- Parameters: $approved_run VARCHAR (the blocked run), $run_id VARCHAR (the run that passes), $now TIMESTAMPTZ.
UPDATE rollcall.approvals
SET used_by = $run_id, used_at = $now
WHERE run_id = $approved_run AND used_at IS NULL;

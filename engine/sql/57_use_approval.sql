-- A yes counts once; what a person who gave it by SQL left out is filled in.
-- Writes rollcall.approvals.
-- Parameters: $approved_run VARCHAR (the blocked run), $run_id VARCHAR (the run that passes), $sync VARCHAR, $plan_hash VARCHAR, $now TIMESTAMPTZ.
UPDATE rollcall.approvals
SET used_by = $run_id, used_at = $now, sync = coalesce(sync, $sync), plan_hash = coalesce(plan_hash, $plan_hash)
WHERE run_id = $approved_run AND used_at IS NULL;

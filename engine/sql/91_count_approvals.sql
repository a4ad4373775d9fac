-- Was a yes for this run given that is still unused?
-- Reads rollcall.approvals.
-- Parameters: $run_id VARCHAR.
SELECT count(*) AS approvals
FROM rollcall.approvals
WHERE run_id = $run_id AND used_at IS NULL;

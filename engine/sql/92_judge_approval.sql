-- Does an approval of the run count, and if not, why? The first one that does; else the latest.
-- Reads rollcall.approval_status.
-- Parameters: $run_id VARCHAR.
SELECT coalesce(approved_by, '') AS approved_by, approved_at, expires_at, coalesce(void_reason, '') AS void_reason
FROM rollcall.approval_status
WHERE run_id = $run_id
ORDER BY void_reason IS NOT NULL, CASE WHEN void_reason IS NULL THEN approved_at END, approved_at DESC
LIMIT 1;

-- Did a person let exactly this plan pass, and is that yes still unused?
-- Reads rollcall.approvals, rollcall.runs.
-- Parameters: $sync VARCHAR, $plan_hash VARCHAR.
SELECT a.run_id
FROM rollcall.approvals a
JOIN rollcall.runs r ON r.run_id = a.run_id
WHERE r.sync = $sync
  AND r.status = 'BLOCKED'
  AND r.plan_hash = $plan_hash
  AND coalesce(a.plan_hash, r.plan_hash) = $plan_hash
  AND a.used_at IS NULL
ORDER BY a.approved_at
LIMIT 1;

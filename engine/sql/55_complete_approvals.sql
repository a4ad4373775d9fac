-- What a person who said yes by SQL left out, and until when the yes counts.
-- Writes rollcall.approvals; reads rollcall.runs.
-- Parameters: $now TIMESTAMPTZ, $ttl BIGINT (microseconds for which an approval counts).
UPDATE rollcall.approvals
SET sync = coalesce(approvals.sync, r.sync),
    plan_hash = coalesce(approvals.plan_hash, r.plan_hash),
    approved_at = coalesce(approved_at, $now::TIMESTAMPTZ),
    expires_at = coalesce(approved_at, $now::TIMESTAMPTZ) + to_microseconds($ttl::BIGINT)
FROM rollcall.runs r
WHERE r.run_id = approvals.run_id AND expires_at IS NULL;

-- name: CompleteApprovals
-- What a person who said yes by SQL left out, and until when the yes counts.
-- Parameters: $now TIMESTAMPTZ, $ttl BIGINT (microseconds for which an approval counts).
UPDATE rollcall.approvals
SET sync = coalesce(approvals.sync, r.sync),
    plan_hash = coalesce(approvals.plan_hash, r.plan_hash),
    approved_at = coalesce(approved_at, $now::TIMESTAMPTZ),
    expires_at = coalesce(approved_at, $now::TIMESTAMPTZ) + to_microseconds($ttl::BIGINT)
FROM rollcall.runs r
WHERE r.run_id = approvals.run_id AND expires_at IS NULL;

-- name: UseApproval
-- An approval counts once: using one uses up all that would let a plan of this sync, or of undoing the same run, pass.
-- Parameters: $run_id VARCHAR (the run that passes), $sync, $undoes VARCHAR, $now TIMESTAMPTZ.
UPDATE rollcall.approvals
SET used_by = $run_id, used_at = $now
WHERE used_at IS NULL
  AND run_id IN (
    SELECT run_id
    FROM rollcall.approval_status
    WHERE sync = $sync AND undoes IS NOT DISTINCT FROM $undoes::VARCHAR AND void_reason IS NULL AND expires_at > $now::TIMESTAMPTZ
  )
  AND plan_hash IS NOT DISTINCT FROM (SELECT r.plan_hash FROM rollcall.runs r WHERE r.run_id = approvals.run_id);

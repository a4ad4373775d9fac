-- A person lets a blocked plan pass, once.
-- Writes rollcall.approvals.
-- Parameters: $run_id, $approved_by VARCHAR; $now TIMESTAMPTZ.
INSERT INTO rollcall.approvals (run_id, approved_by, approved_at)
VALUES ($run_id, $approved_by, $now);

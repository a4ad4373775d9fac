-- name: ReconcileChanges
-- Set the reconciled state of changes whose answer was lost.
UPDATE rollcall.changes
SET state = s.state, reason = s.reason, changed_at = $now, record_id = coalesce(changes.record_id, s.record_id)
FROM temp.main.rollcall_reconciled s
WHERE changes.run_id = s.run_id
  AND changes.n = s.n
  AND changes.state IN ('unknown', 'sent');

-- name: FindReconciled
-- Of which runs are the changes that were reconciled?
SELECT DISTINCT run_id
FROM temp.main.rollcall_reconciled;

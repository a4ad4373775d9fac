-- Set the reconciled state of changes whose answer was lost.
-- Writes rollcall.changes; reads rollcall_reconciled.
-- Parameters: $list_id VARCHAR, $now TIMESTAMPTZ.
UPDATE rollcall.changes
SET state = s.state, reason = s.reason, changed_at = $now
FROM temp.main.rollcall_reconciled s
WHERE changes.list_id = $list_id
  AND changes.run_id = s.run_id
  AND changes.action = s.action
  AND changes.record_id = s.record_id
  AND changes.state IN ('unknown', 'sent');

-- Changes whose answer was lost get the state that was found out.
-- Writes rollcall.changes; reads rollcall_settled.
-- Parameters: $list_id VARCHAR, $now TIMESTAMPTZ.
UPDATE rollcall.changes
SET state = s.state, reason = s.reason, changed_at = $now
FROM temp.main.rollcall_settled s
WHERE changes.list_id = $list_id
  AND changes.run_id = s.run_id
  AND changes.action = s.action
  AND changes.record_id = s.record_id
  AND changes.state IN ('unknown', 'sent');

-- Who is off a list for what the journal says, or did not get onto it, is not on it.
-- Writes rollcall.members; reads rollcall.changes, rollcall_journal.
-- Parameters: $now TIMESTAMPTZ (the moment of taking it in).
DELETE FROM rollcall.members
USING rollcall.changes c
WHERE members.list_id = c.list_id
  AND members.record_id = c.record_id
  AND c.changed_at = $now
  AND c.run_id IN (SELECT run_id FROM temp.main.rollcall_journal)
  AND (c.action = 'remove' AND c.state IN ('done', 'already', 'missing') OR c.action = 'add' AND c.state IN ('missing', 'failed'));

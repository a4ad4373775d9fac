-- Members whose removal was just settled as done are nobody's.
-- Writes rollcall.members; reads rollcall.changes.
-- Parameters: $list_id VARCHAR, $now TIMESTAMPTZ (the moment of settling).
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id IN (
      SELECT record_id FROM rollcall.changes
      WHERE list_id = $list_id AND action = 'remove' AND state = 'done' AND changed_at = $now
  );

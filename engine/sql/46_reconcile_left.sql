-- Delete members whose removal turned out to have been applied.
-- Writes rollcall.members; reads rollcall.changes.
-- Parameters: $list_id VARCHAR, $now TIMESTAMPTZ (when the changes were reconciled).
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id IN (
      SELECT record_id FROM rollcall.changes
      WHERE list_id = $list_id AND action = 'remove' AND state = 'done' AND changed_at = $now
  );

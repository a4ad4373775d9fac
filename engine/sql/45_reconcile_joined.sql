-- Insert members whose addition turned out to have been applied, as managed unless the addition put back a foreign member.
-- Writes rollcall.members; reads rollcall.changes.
-- Parameters: $list_id VARCHAR, $now TIMESTAMPTZ (when the changes were reconciled).
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT list_id, record_id, min(key), min(sync), min(run_id), $now, bool_and(cause = 'undone_foreign')
FROM rollcall.changes
WHERE list_id = $list_id AND action = 'add' AND state = 'done' AND changed_at = $now
  AND record_id NOT IN (SELECT record_id FROM rollcall.members WHERE list_id = $list_id)
GROUP BY list_id, record_id;

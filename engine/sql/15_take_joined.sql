-- Who is on a list for what the journal says is Rollcall's, unless the change only put back a foreign member.
-- Writes rollcall.members; reads rollcall.changes, rollcall_journal.
-- Parameters: $now TIMESTAMPTZ (the moment of taking it in).
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT list_id, record_id, min(key), min(sync), min(run_id), $now, bool_and(cause = 'undone_foreign')
FROM rollcall.changes c
WHERE action = 'add' AND state IN ('done', 'already') AND changed_at = $now
  AND run_id IN (SELECT run_id FROM temp.main.rollcall_journal)
  AND NOT EXISTS (SELECT 1 FROM rollcall.members m WHERE m.list_id = c.list_id AND m.record_id = c.record_id)
GROUP BY list_id, record_id;

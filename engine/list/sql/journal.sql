-- name: TakeJoined
-- Who is on a list for what the journal says is Rollcall's, unless the change only put back a foreign member.
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT list_id, record_id, min(key), min(sync), min(run_id), $now, bool_and(cause = 'undone_foreign')
FROM temp.main.rollcall_taken t
WHERE action = 'add' AND state IN ('done', 'already')
  AND NOT EXISTS (SELECT 1 FROM rollcall.members m WHERE m.list_id = t.list_id AND m.record_id = t.record_id)
GROUP BY list_id, record_id;

-- name: TakeLeft
-- Who is off a list for what the journal says, or did not get onto it, is not on it.
DELETE FROM rollcall.members
USING temp.main.rollcall_taken t
WHERE members.list_id = t.list_id
  AND members.record_id = t.record_id
  AND (t.action = 'remove' AND t.state IN ('done', 'already', 'missing') OR t.action = 'add' AND t.state IN ('missing', 'failed'));

-- name: ExcuseMissing
-- Records that are gone, and whose keys have been looked up again: the outcome of the keys is another change of the run, or a reject.
UPDATE rollcall.changes
SET state = 'asked_again', reason = $reason, changed_at = $now
WHERE run_id = $run_id AND action = 'add' AND state = 'missing'
  AND key IN (SELECT key FROM temp.main.rollcall_questions);

-- name: RejectAgain
-- Keys that turned out to have no record when they were asked for again.
INSERT INTO rollcall.rejects (sync, key, reason, detail, since_run)
SELECT $sync, u.key, 'not_found', $detail, $run_id
FROM temp.main.unmatched u
SEMI JOIN temp.main.rollcall_questions q ON q.key = u.key
ANTI JOIN (SELECT key FROM rollcall.rejects WHERE sync = $sync AND until_run IS NULL AND reason = 'not_found') open_rejects ON open_rejects.key = u.key;

-- Keys that turned out to have no record when they were asked for again.
-- Writes rollcall.rejects; reads unmatched, rollcall_questions.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $detail VARCHAR.
INSERT INTO rollcall.rejects (sync, key, reason, detail, since_run)
SELECT $sync, u.key, 'not_found', $detail, $run_id
FROM temp.main.unmatched u
SEMI JOIN temp.main.rollcall_questions q ON q.key = u.key
ANTI JOIN (SELECT key FROM rollcall.rejects WHERE sync = $sync AND until_run IS NULL AND reason = 'not_found') open_rejects ON open_rejects.key = u.key;

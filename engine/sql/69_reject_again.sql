-- Keys that turned out to have no record when they were asked for again.
-- Writes rollcall.rejects; reads unmatched, rollcall_questions.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $detail VARCHAR.
INSERT INTO rollcall.rejects (run_id, sync, key, reason, detail)
SELECT $run_id, $sync, u.key, 'not_found', $detail
FROM temp.main.unmatched u
SEMI JOIN temp.main.rollcall_questions q ON q.key = u.key;

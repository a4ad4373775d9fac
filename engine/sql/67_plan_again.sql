-- Plan the records that those keys have now, unless they are on the list or in the plan already.
-- Writes plan; reads resolved, rollcall_questions, current.
-- Parameters: $after BIGINT (the last batch so far), $chunk BIGINT (changes a batch).
INSERT INTO temp.main.plan (batch, action, record_id, key, cause)
SELECT (row_number() OVER (ORDER BY r.record_id) - 1) // $chunk::BIGINT + 1 + $after::BIGINT, 'add', r.record_id, min(r.key), 'entered'
FROM temp.main.resolved r
SEMI JOIN temp.main.rollcall_questions q ON q.key = r.key
ANTI JOIN temp.main.current c ON c.record_id = r.record_id
ANTI JOIN temp.main.plan p ON p.record_id = r.record_id
GROUP BY r.record_id;

-- Fail the keys that got no answer: they must never look like keys without a record.
-- Writes rollcall_answers; reads rollcall_questions.
-- Parameters: $lookup_error INTEGER.
INSERT INTO temp.main.rollcall_answers
SELECT q.object_type_id, q.id_property, q.key, NULL, false, $lookup_error, NULL
FROM temp.main.rollcall_questions q
ANTI JOIN temp.main.rollcall_answers a ON a.object_type_id = q.object_type_id AND a.id_property = q.id_property AND a.key = q.key;

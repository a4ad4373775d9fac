-- A question that got no answer has a trouble: it must never look like a key without a record.
-- Writes rollcall_answers; reads rollcall_questions.
-- Parameters: $trouble INTEGER.
INSERT INTO temp.main.rollcall_answers
SELECT q.object_type_id, q.id_property, q.key, NULL, false, $trouble, NULL
FROM temp.main.rollcall_questions q
ANTI JOIN temp.main.rollcall_answers a ON a.object_type_id = q.object_type_id AND a.id_property = q.id_property AND a.key = q.key;

-- Delete the answers that are to be looked up again.
-- Writes rollcall_answers; reads rollcall_questions.
-- Parameters: none.
DELETE FROM temp.main.rollcall_answers
USING temp.main.rollcall_questions q
WHERE rollcall_answers.object_type_id = q.object_type_id
  AND rollcall_answers.id_property = q.id_property
  AND rollcall_answers.key = q.key;

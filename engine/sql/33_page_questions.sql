-- A page of the questions.
-- Reads rollcall_questions.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT object_type_id, id_property, key, sync
FROM temp.main.rollcall_questions
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

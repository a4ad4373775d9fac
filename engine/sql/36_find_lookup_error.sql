-- What is the number of the first lookup error of this sync's keys? 0: none.
-- Reads desired, rollcall_answers.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR.
SELECT coalesce(min(a.lookup_error), 0) AS lookup_error
FROM temp.main.rollcall_answers a
SEMI JOIN temp.main.desired d ON d.key = a.key
WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property;

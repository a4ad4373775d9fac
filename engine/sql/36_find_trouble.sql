-- Which error stood in the way of this sync's keys? 0: none.
-- Reads desired, rollcall_answers.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR.
SELECT coalesce(min(a.trouble), 0) AS trouble
FROM temp.main.rollcall_answers a
SEMI JOIN temp.main.desired d ON d.key = a.key
WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property;

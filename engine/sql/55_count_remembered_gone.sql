-- Of how many desired keys does memory say that nobody has them?
-- Reads unmatched, rollcall_answers.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR.
SELECT count(*) AS gone
FROM temp.main.unmatched u
JOIN temp.main.rollcall_answers a ON a.key = u.key
WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property AND a.remembered;

-- How many cached answers about desired keys do the records contradict?
-- Reads rollcall_records, desired, rollcall_answers.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR.
SELECT count(*) AS contradicted
FROM temp.main.rollcall_records r
JOIN temp.main.desired d ON d.key = r.key
JOIN temp.main.rollcall_answers a ON a.key = r.key
WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property AND a.remembered AND a.record_id IS DISTINCT FROM r.record_id;

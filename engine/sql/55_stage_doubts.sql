-- Keys whose addition rests on a remembered answer, to be asked again.
-- Makes rollcall_questions, anew, from plan and resolved.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR, $sync INTEGER.
CREATE OR REPLACE TEMP TABLE rollcall_questions AS
SELECT $object_type_id::VARCHAR AS object_type_id, $id_property::VARCHAR AS id_property, r.key, $sync::INTEGER AS sync
FROM temp.main.resolved r
JOIN temp.main.plan p ON p.record_id = r.record_id
WHERE p.action = 'add' AND r.remembered;

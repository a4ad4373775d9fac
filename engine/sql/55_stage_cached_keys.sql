-- Keys to be looked up again: those with a cached answer that a change depends on.
-- Makes rollcall_questions, anew, from plan and resolved.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR, $sync INTEGER.
CREATE OR REPLACE TEMP TABLE rollcall_questions AS
SELECT $object_type_id::VARCHAR AS object_type_id, $id_property::VARCHAR AS id_property, r.key, $sync::INTEGER AS sync
FROM temp.main.resolved r
SEMI JOIN temp.main.plan p ON p.record_id = r.record_id
WHERE r.remembered;

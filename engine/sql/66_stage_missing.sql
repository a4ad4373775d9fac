-- Keys whose cached record HubSpot reported missing, to be looked up again.
-- Makes rollcall_questions, anew, from rollcall.changes and resolved.
-- Parameters: $run_id VARCHAR, $object_type_id VARCHAR, $id_property VARCHAR, $sync INTEGER.
CREATE OR REPLACE TEMP TABLE rollcall_questions AS
SELECT DISTINCT $object_type_id::VARCHAR AS object_type_id, $id_property::VARCHAR AS id_property, r.key, $sync::INTEGER AS sync
FROM rollcall.changes c
JOIN temp.main.resolved r ON r.record_id = c.record_id
WHERE c.run_id = $run_id AND c.action = 'add' AND c.state = 'missing' AND r.remembered;

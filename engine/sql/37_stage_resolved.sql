-- Desired keys with their record IDs.
-- Makes resolved, anew when answers have changed, from desired and rollcall_answers.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR.
CREATE OR REPLACE TEMP TABLE resolved AS
SELECT d.key, a.record_id, a.remembered
FROM temp.main.desired d
JOIN temp.main.rollcall_answers a ON a.key = d.key
WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property AND a.record_id IS NOT NULL AND a.lookup_error IS NULL;

-- Desired keys that HubSpot said it has no record for.
-- Makes unmatched, anew when answers have changed, from desired and rollcall_answers.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR.
CREATE OR REPLACE TEMP TABLE unmatched AS
SELECT d.key
FROM temp.main.desired d
JOIN temp.main.rollcall_answers a ON a.key = d.key
WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property AND a.record_id IS NULL AND a.lookup_error IS NULL;

-- Add the cached keys to the drift records of this run.
-- Writes rollcall.drift; reads rollcall.contacts.
-- Parameters: $run_id VARCHAR, $object_type_id VARCHAR, $id_property VARCHAR.
UPDATE rollcall.drift
SET key = names.key
FROM (
    SELECT record_id, min(key) AS key
    FROM rollcall.contacts
    WHERE object_type_id = $object_type_id AND id_property = $id_property
    GROUP BY record_id
) names
WHERE drift.run_id = $run_id AND drift.record_id = names.record_id AND drift.key IS NULL;

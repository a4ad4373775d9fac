-- Insert the keys of the records as answers, except where HubSpot was asked about the key itself.
-- Writes rollcall_answers; reads rollcall_records.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR.
INSERT INTO temp.main.rollcall_answers
SELECT $object_type_id, $id_property, r.key, min(r.record_id), false, NULL, NULL
FROM temp.main.rollcall_records r
ANTI JOIN (
    SELECT key FROM temp.main.rollcall_answers WHERE object_type_id = $object_type_id AND id_property = $id_property
) a ON a.key = r.key
WHERE r.key IS NOT NULL
GROUP BY r.key;

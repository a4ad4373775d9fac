-- Delete cached answers about keys that a record was read with.
-- Writes rollcall_answers; reads rollcall_records.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR.
DELETE FROM temp.main.rollcall_answers
WHERE object_type_id = $object_type_id AND id_property = $id_property AND remembered
  AND key IN (SELECT key FROM temp.main.rollcall_records WHERE key IS NOT NULL);

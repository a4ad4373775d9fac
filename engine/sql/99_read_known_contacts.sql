-- Cached records of an object type.
-- Reads rollcall.contacts.
-- Parameters: $object_type_id VARCHAR, $limit BIGINT.
SELECT DISTINCT record_id FROM rollcall.contacts WHERE object_type_id = $object_type_id AND record_id IS NOT NULL ORDER BY record_id LIMIT $limit;

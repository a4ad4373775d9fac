-- name: ReadProperties
-- The definitions of an object type's properties, where they are not too old.
-- Parameters: $object_type_id VARCHAR, $since TIMESTAMPTZ.
SELECT name, coalesce(label, '') AS label, type, coalesce(field_type, '') AS field_type, coalesce(CAST(options AS VARCHAR), '') AS options,
    is_external, coalesce(reference, '') AS reference, is_read_only, is_calculated, is_unique, is_hidden, read_at
FROM rollcall.properties
WHERE object_type_id = $object_type_id AND read_at >= $since::TIMESTAMPTZ;

-- name: StageProperties
-- The definitions of one object type's properties; filled by the program.
CREATE OR REPLACE TEMP TABLE rollcall_object_properties (
    name VARCHAR, label VARCHAR, type VARCHAR, field_type VARCHAR, options VARCHAR, is_external BOOLEAN, reference VARCHAR, is_read_only BOOLEAN, is_calculated BOOLEAN, is_unique BOOLEAN, is_hidden BOOLEAN
);

-- name: ForgetProperties
-- What is remembered of an object type's properties.
DELETE FROM rollcall.properties
WHERE object_type_id = $object_type_id;

-- name: RememberProperties
-- The definitions that HubSpot answered.
INSERT INTO rollcall.properties (object_type_id, name, label, type, field_type, options, is_external, reference, is_read_only, is_calculated, is_unique, is_hidden, read_at)
SELECT $object_type_id, name, label, type, field_type, CAST(options AS JSON), is_external, reference, is_read_only, is_calculated, is_unique, is_hidden, $read_at
FROM temp.main.rollcall_object_properties;

-- name: CountUntried
-- How many values were rejected that the ledger does not have as rejects, or that are to be tried again?
SELECT count(*) AS n
FROM temp.main.rollcall_object_rejects j
JOIN temp.main.rollcall_object_rows w ON w.sync = j.sync AND w.key = j.key
WHERE j.sync = $sync
  AND NOT EXISTS (
      SELECT 1 FROM rollcall.rejects r
      WHERE r.sync = $name AND r.key = j.key AND r.reason = j.reason AND r.until_run IS NULL AND r.values_hash = w.hash AND r.retry_at > $now::TIMESTAMPTZ
  );

-- name: ForgetRows
-- What the sync's query returned is to be taken anew.
DELETE FROM temp.main.rollcall_object_rows
WHERE sync = $sync;

-- name: ForgetRejects
-- Likewise.
DELETE FROM temp.main.rollcall_object_rejects
WHERE sync = $sync;

-- name: ReadType
-- The custom object type that rows name so, where what is remembered is not too old.
-- Parameters: $asked VARCHAR (name or ID), $since TIMESTAMPTZ.
SELECT object_type_id, name
FROM rollcall.object_types
WHERE asked = $asked AND read_at >= $since::TIMESTAMPTZ
LIMIT 1;

-- name: ForgetType
-- What is remembered of the custom object type that rows name so.
DELETE FROM rollcall.object_types
WHERE asked = $asked;

-- name: RememberType
-- The custom object type that HubSpot answered.
INSERT INTO rollcall.object_types (asked, object_type_id, name, read_at)
VALUES ($asked, $object_type_id, $name, $read_at);

-- name: StageClaims
-- What earlier syncs of an execution that sends nothing would have written by now. Records that they would have created have negative IDs.
CREATE TEMP TABLE rollcall_object_claims (object_type_id VARCHAR, id_property VARCHAR, key VARCHAR, record_id BIGINT, property VARCHAR, value VARCHAR, sync VARCHAR, is_desired BOOLEAN);

-- name: ForgetClaims
-- Values that the sync would write over those of an earlier one.
DELETE FROM temp.main.rollcall_object_claims
WHERE object_type_id = $object_type_id
  AND (record_id, property) IN (SELECT (record_id, property) FROM (SELECT record_id, unnest(json_keys(values)) AS property FROM temp.main.plan WHERE record_id IS NOT NULL AND values IS NOT NULL));

-- name: Claim
-- What the sync would write by its plan.
INSERT INTO temp.main.rollcall_object_claims
SELECT $object_type_id, $id_property, key, coalesce(record_id, -(1000000000 * $sync::BIGINT + n)), property, values -> property ->> 1, $name, action <> 'clear'
FROM (SELECT n, key, record_id, action, values, unnest(json_keys(values)) AS property FROM temp.main.plan WHERE values IS NOT NULL);

-- name: FindClaimed
-- Records that an earlier sync would have created are there.
UPDATE temp.main.rollcall_object_found
SET record_id = c.record_id, values = '{}'
FROM (SELECT DISTINCT key, record_id FROM temp.main.rollcall_object_claims WHERE object_type_id = $object_type_id AND id_property = $id_property AND record_id < 0) c
WHERE rollcall_object_found.sync = $sync AND rollcall_object_found.key = c.key AND rollcall_object_found.record_id IS NULL;

-- name: DropClaimed
-- Values that an earlier sync would have written belong to no other one any more.
DELETE FROM temp.main.rollcall_object_owned
WHERE (record_id, property) IN (SELECT (record_id, property) FROM temp.main.rollcall_object_claims WHERE object_type_id = $object_type_id);

-- name: OwnClaimed
-- They belong to that sync.
-- Parameters: $object_type_id, $name VARCHAR (the sync), $properties VARCHAR[] (those that it may write).
INSERT INTO temp.main.rollcall_object_owned
SELECT record_id, property, coalesce(value, ''), sync
FROM temp.main.rollcall_object_claims
WHERE object_type_id = $object_type_id AND sync <> $name AND is_desired AND list_contains($properties::VARCHAR[], property);

-- name: FollowClaims
-- They are what HubSpot would have.
UPDATE temp.main.current
SET value = c.value
FROM temp.main.rollcall_object_claims c
WHERE c.object_type_id = $object_type_id AND current.record_id = c.record_id AND current.property = c.property;

-- name: HideClaimed
-- Records that an earlier sync would have created have no ID yet.
UPDATE temp.main.plan
SET record_id = NULL
WHERE record_id < 0;

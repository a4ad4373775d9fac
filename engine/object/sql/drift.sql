-- name: StageDrift
-- Values of the records that were looked up which are not those that were last known. own: a sync has written the value that is there, and the answer was lost.
-- Parameters: $object_type_id, $target VARCHAR (the object type's ID and name).
CREATE OR REPLACE TEMP TABLE rollcall_object_drift AS
WITH changed AS (
    SELECT v.record_id, v.property, v.value AS left_value, c.value AS found_value, v.known_at
    FROM temp.main.current c
    JOIN rollcall.record_values v ON v.object_type_id = $object_type_id AND v.record_id = c.record_id AND v.property = c.property
    WHERE v.value IS DISTINCT FROM c.value
      AND v.record_id IN (SELECT record_id FROM rollcall.records WHERE object_type_id = $object_type_id AND left_by IS NULL)
),
sent AS (
    SELECT record_id, property, values -> property ->> 1 AS value, changed_at
    FROM (
        SELECT record_id, values, changed_at, unnest(json_keys(values)) AS property
        FROM rollcall.changes
        WHERE target = $target AND state IN ('done', 'unknown', 'sent') AND record_id IN (SELECT record_id FROM changed)
    )
)
SELECT d.record_id, d.property, d.left_value, d.found_value,
    EXISTS (
        SELECT 1 FROM sent s
        WHERE s.record_id = d.record_id AND s.property = d.property AND s.value IS NOT DISTINCT FROM d.found_value AND s.changed_at >= d.known_at
    ) AS own
FROM changed d;

-- name: CountDrift
-- How many values have others changed, and how many values are to be brought up to date in all?
SELECT count(*) FILTER (NOT own) AS drift, count(*) AS changed
FROM temp.main.rollcall_object_drift;

-- name: RecordDrift
-- Keeps what others have changed, property by property.
INSERT INTO rollcall.drift (run_id, sync, record_id, key, kind, cause, found_at, target, property, left_value, found_value)
SELECT $run_id, $name, d.record_id, w.key, 'changed', 'changed_by_hand', $now, $target, d.property, d.left_value, d.found_value
FROM temp.main.rollcall_object_drift d
LEFT JOIN (SELECT record_id, min(key) AS key FROM temp.main.rollcall_object_wanted GROUP BY record_id) w ON w.record_id = d.record_id
WHERE NOT d.own;

-- name: FollowDrift
-- The values that are known follow what was found. The sync that wrote the property last stays its owner.
UPDATE rollcall.record_values
SET value = d.found_value, asked = NULL, is_foreign = NOT d.own, known_at = $now::TIMESTAMPTZ
FROM temp.main.rollcall_object_drift d
WHERE record_values.object_type_id = $object_type_id AND record_values.record_id = d.record_id AND record_values.property = d.property;

-- name: NoteAgreed
-- A value that others wrote and the query asks for is foreign no longer.
UPDATE rollcall.record_values
SET is_foreign = false
FROM (
    SELECT record_id, values
    FROM temp.main.rollcall_object_wanted
    WHERE record_id IS NOT NULL AND NOT clash AND (looked OR differs)
) w
WHERE record_values.object_type_id = $object_type_id
  AND record_values.record_id = w.record_id
  AND record_values.is_foreign
  AND coalesce(record_values.value, '') = (w.values ->> record_values.property);

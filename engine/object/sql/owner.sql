-- name: StageOwned
-- The values of the sync's properties that belong to other syncs: each wrote them last, is enabled, and desired a value of the property in its last run.
-- Parameters: $object_type_id, $name VARCHAR (the sync), $properties VARCHAR[] (those that it may write).
CREATE OR REPLACE TEMP TABLE rollcall_object_owned AS
SELECT v.record_id, v.property, coalesce(v.asked, v.value, '') AS value, v.sync
FROM rollcall.record_values v
WHERE v.object_type_id = $object_type_id
  AND v.is_desired
  AND v.sync <> $name
  AND list_contains($properties::VARCHAR[], v.property)
  AND v.sync IN (SELECT name FROM rollcall.syncs WHERE coalesce(enabled, true) AND lower(trim(kind)) = 'object');

-- name: NoteDesired
-- Which of the values that the sync wrote does it still desire? Told for the records of which it asks for something new, and those that have left its query.
UPDATE rollcall.record_values
SET is_desired = told.is_desired
FROM (
    SELECT v.record_id, v.property, bool_or(coalesce(list_contains(json_keys(w.values) || w.refused::VARCHAR[], v.property), false)) AS is_desired
    FROM rollcall.record_values v
    SEMI JOIN (
        SELECT record_id FROM temp.main.rollcall_object_wanted WHERE record_id IS NOT NULL AND NOT clash AND (looked OR differs)
        UNION ALL
        SELECT record_id FROM temp.main.rollcall_object_left
    ) r ON r.record_id = v.record_id
    LEFT JOIN temp.main.rollcall_object_wanted w ON w.record_id = v.record_id
    WHERE v.object_type_id = $object_type_id AND v.sync = $name
    GROUP BY v.record_id, v.property
) told
WHERE record_values.object_type_id = $object_type_id
  AND record_values.sync = $name
  AND record_values.record_id = told.record_id
  AND record_values.property = told.property
  AND record_values.is_desired IS DISTINCT FROM told.is_desired;

-- name: OwnReconciled
-- Values that the sync has written although the answer was lost are its own. Told for records of which it was not known whether they are in step.
UPDATE rollcall.record_values
SET sync = $name, run_id = written.run_id, is_desired = true
FROM (
    SELECT record_id, property, arg_max(values -> property ->> 1, run_id) AS value, max(run_id) AS run_id
    FROM (
        SELECT c.run_id, c.record_id, c.values, unnest(json_keys(c.values)) AS property
        FROM rollcall.changes c
        SEMI JOIN (SELECT record_id FROM temp.main.rollcall_object_wanted WHERE looked AND known_hash IS NULL) w ON w.record_id = c.record_id
        WHERE c.sync = $name AND c.target = $target AND c.state = 'done' AND c.action IN ('create', 'update') AND c.cause <> 'undone'
    )
    GROUP BY record_id, property
) written
WHERE record_values.object_type_id = $object_type_id
  AND record_values.record_id = written.record_id
  AND record_values.property = written.property
  AND record_values.sync IS NULL
  AND record_values.value IS NOT DISTINCT FROM written.value;

-- name: StageLeft
-- The keys that the sync keeps in step and its query does not return any more; none where a run is undone in place of the query.
CREATE OR REPLACE TEMP TABLE rollcall_object_left AS
SELECT k.key, k.record_id, k.created
FROM temp.main.rollcall_object_known k
ANTI JOIN temp.main.rollcall_object_rows r ON r.sync = k.sync AND r.key = k.key
WHERE k.sync = $sync AND NOT k.has_left AND $undoes::VARCHAR IS NULL;

-- name: ReadLeft
-- The records of those keys, without the records that have a desired key, as far as that is known.
SELECT DISTINCT record_id
FROM temp.main.rollcall_object_left
WHERE record_id NOT IN (SELECT record_id FROM temp.main.rollcall_object_wanted WHERE record_id IS NOT NULL)
ORDER BY record_id;

-- name: StageLive
-- What HubSpot has of those records: live_id is the record that the ID stands for today, values is JSON of the mapped properties that have a value.
CREATE OR REPLACE TEMP TABLE rollcall_object_live (record_id BIGINT, live_id BIGINT, values VARCHAR);

-- name: StageLiveKeys
-- Which keys have those records today?
CREATE OR REPLACE TEMP TABLE rollcall_object_live_keys (live_id BIGINT, key VARCHAR);

-- name: StageLeaving
-- The changes of records that have left the query: of those that are there and have no desired key today. Without $takeover only what the sync did is taken back: it clears values that it wrote and nobody has changed since, and archives records that it created. What belongs to another sync stays.
-- Parameters: $action VARCHAR ('clear', 'archive', or NULL: nothing changes), $object_type_id, $name VARCHAR (the sync), $takeover BOOLEAN.
CREATE OR REPLACE TEMP TABLE rollcall_object_leaving AS
WITH gone AS (
    SELECT l.record_id, min(k.key) AS key, bool_or(k.created) AS created, any_value(l.values) AS values
    FROM temp.main.rollcall_object_live l
    JOIN temp.main.rollcall_object_left k ON k.record_id = l.record_id
    WHERE l.live_id = l.record_id
      AND l.live_id NOT IN (SELECT record_id FROM temp.main.rollcall_object_wanted WHERE record_id IS NOT NULL)
      AND l.live_id NOT IN (SELECT h.live_id FROM temp.main.rollcall_object_live_keys h JOIN temp.main.rollcall_object_rows r ON r.sync = $sync AND r.key = h.key)
    GROUP BY l.record_id
),
cleared AS (
    SELECT g.record_id, g.key, g.property, g.value
    FROM (SELECT record_id, key, property, values ->> property AS value FROM (SELECT record_id, key, values, unnest(json_keys(values)) AS property FROM gone)) g
    LEFT JOIN rollcall.record_values v ON v.object_type_id = $object_type_id AND v.record_id = g.record_id AND v.property = g.property
    ANTI JOIN temp.main.rollcall_object_owned o ON o.record_id = g.record_id AND o.property = g.property
    WHERE $takeover::BOOLEAN OR v.sync = $name AND NOT coalesce(v.is_foreign, false) AND v.value = g.value
)
SELECT 'clear' AS action, record_id, key, CAST('{' || string_agg(to_json(property) || ':' || json_array(value, NULL), ',' ORDER BY property) || '}' AS JSON) AS values
FROM cleared
WHERE $action::VARCHAR = 'clear'
GROUP BY record_id, key
UNION ALL
SELECT 'archive', record_id, key, NULL
FROM gone
WHERE $action::VARCHAR = 'archive'
  AND (created OR $takeover::BOOLEAN)
  AND record_id NOT IN (
      SELECT record_id
      FROM rollcall.records
      WHERE object_type_id = $object_type_id AND sync <> $name AND left_by IS NULL
        AND sync IN (SELECT name FROM rollcall.syncs WHERE coalesce(enabled, true) AND lower(trim(kind)) = 'object')
  );

-- name: MarkLeft
-- The sync does not keep the records of these keys in step any more. Those that are about to be archived or cleared are marked when HubSpot has confirmed it.
UPDATE rollcall.records
SET left_by = $run_id
WHERE sync = $name AND object_type_id = $object_type_id AND id_property = $id_property
  AND key IN (SELECT key FROM temp.main.rollcall_object_left WHERE record_id NOT IN (SELECT record_id FROM temp.main.rollcall_object_leaving));

-- name: MarkCleared
-- Records that HubSpot confirmed to have cleared are not kept in step any more.
UPDATE rollcall.records
SET left_by = $run_id
WHERE sync = $name AND object_type_id = $object_type_id AND id_property = $id_property
  AND key IN (
      SELECT k.key
      FROM temp.main.outcomes o
      JOIN temp.main.plan p ON p.n = o.n
      JOIN temp.main.rollcall_object_left k ON k.record_id = p.record_id
      WHERE p.action = 'clear' AND o.state = 'done'
  );

-- name: ForgetArchived
-- Records that HubSpot confirmed to have archived are not kept in step any more.
DELETE FROM rollcall.records
WHERE sync = $name AND object_type_id = $object_type_id
  AND record_id IN (SELECT p.record_id FROM temp.main.outcomes o JOIN temp.main.plan p ON p.n = o.n WHERE p.action = 'archive' AND o.state = 'done');

-- name: ForgetArchivedValues
-- Nor has HubSpot a value of theirs.
DELETE FROM rollcall.record_values
WHERE object_type_id = $object_type_id
  AND record_id IN (SELECT p.record_id FROM temp.main.outcomes o JOIN temp.main.plan p ON p.n = o.n WHERE p.action = 'archive' AND o.state = 'done');

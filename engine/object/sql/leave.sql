-- name: StageLeft
-- What the sync keeps in step and has left its query, by the rows of rollcall.records: keys that the query does not return any more, and records that have lost their key, to another record or to none, unless they were merged. The latter are known by their IDs. held: HubSpot has refused to clear or archive the record, and it waits for its next try. None where a run is undone in place of the query.
-- Parameters: $sync INTEGER, $id_property VARCHAR, $undoes VARCHAR (the run; NULL: none is undone).
CREATE OR REPLACE TEMP TABLE rollcall_object_left AS
WITH kept AS (
    SELECT key, record_id, created, moved FROM temp.main.rollcall_object_known WHERE sync = $sync AND NOT has_left AND $undoes::VARCHAR IS NULL
),
found AS (
    SELECT record_id FROM temp.main.rollcall_object_wanted WHERE record_id IS NOT NULL
),
gone AS (
    SELECT $id_property::VARCHAR AS id_property, k.key, k.record_id, k.created
    FROM kept k
    ANTI JOIN temp.main.rollcall_object_rows r ON r.sync = $sync AND r.key = k.key
    WHERE NOT k.moved
    UNION ALL
    SELECT 'hs_object_id', key, record_id, created FROM kept WHERE moved
    UNION ALL
    SELECT DISTINCT 'hs_object_id', CAST(k.record_id AS VARCHAR), k.record_id, k.created
    FROM kept k
    JOIN temp.main.rollcall_object_wanted w ON w.key = k.key AND w.looked AND w.record_id IS DISTINCT FROM k.record_id
    JOIN temp.main.rollcall_object_found f ON f.sync = $sync AND f.key = k.key
    WHERE NOT k.moved AND $id_property::VARCHAR <> 'hs_object_id'
      AND k.record_id NOT IN (SELECT record_id FROM found)
      AND k.record_id NOT IN (SELECT record_id FROM kept WHERE moved)
      AND NOT coalesce(list_contains(from_json(f.merged, '["BIGINT"]'), k.record_id), false)
)
SELECT g.*, bool_or(t.key IS NOT NULL) OVER (PARTITION BY g.record_id) AND g.record_id NOT IN (SELECT record_id FROM found) AS held
FROM gone g
LEFT JOIN temp.main.rollcall_object_retries t ON t.sync = $sync AND t.leaving AND NOT t.due AND t.key = g.key;

-- name: ReadLeft
-- The records of those keys that do not wait, without the records that have a desired key, as far as that is known.
SELECT DISTINCT record_id
FROM temp.main.rollcall_object_left
WHERE NOT held AND record_id NOT IN (SELECT record_id FROM temp.main.rollcall_object_wanted WHERE record_id IS NOT NULL)
ORDER BY record_id;

-- name: ReadUnansweredLeft
-- The records of the sync's changes whose answer was lost and by which records left.
-- Parameters: $name, $target VARCHAR (the sync, the object type's name).
SELECT DISTINCT record_id
FROM temp.main.rollcall_pending_unknown
WHERE sync = $name AND target = $target AND cause = 'left' AND record_id IS NOT NULL
ORDER BY record_id;

-- name: StageLive
-- What HubSpot has of records that were read by their IDs: live_id is the record that the ID stands for today, values is JSON of the mapped properties that have a value.
CREATE OR REPLACE TEMP TABLE rollcall_object_live (record_id BIGINT, live_id BIGINT, values VARCHAR);

-- name: StageLastKnown
-- What is last known of the records that leave, in place of what HubSpot has of them: for a plan that is blocked in any case.
-- Parameters: $object_type_id VARCHAR, $properties VARCHAR[] (those of the query's columns).
INSERT INTO temp.main.rollcall_object_live
SELECT l.record_id, l.record_id, coalesce(v.values, '{}')
FROM (
    SELECT DISTINCT record_id
    FROM temp.main.rollcall_object_left
    WHERE NOT held AND record_id NOT IN (SELECT record_id FROM temp.main.rollcall_object_wanted WHERE record_id IS NOT NULL)
) l
LEFT JOIN (
    SELECT record_id, '{' || string_agg(to_json(property) || ':' || to_json(value), ',' ORDER BY property) || '}' AS values
    FROM rollcall.record_values
    WHERE object_type_id = $object_type_id AND value IS NOT NULL AND list_contains($properties::VARCHAR[], property)
    GROUP BY record_id
) v ON v.record_id = l.record_id;

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

-- name: ForgetMoved
-- Records that lose their key once more.
DELETE FROM rollcall.records
WHERE sync = $name AND object_type_id = $object_type_id AND id_property = 'hs_object_id' AND $id_property::VARCHAR <> 'hs_object_id'
  AND left_by IS NOT NULL
  AND record_id IN (SELECT record_id FROM temp.main.rollcall_object_left WHERE id_property <> $id_property);

-- name: KeepMoved
-- Records that have lost their key and are about to be archived or cleared are known by their IDs, until HubSpot has confirmed it.
INSERT INTO rollcall.records (sync, object_type_id, id_property, key, record_id, created_by)
SELECT $name, $object_type_id, l.id_property, l.key, l.record_id, max(k.created_by)
FROM temp.main.rollcall_object_left l
JOIN rollcall.records k ON k.sync = $name AND k.object_type_id = $object_type_id AND k.id_property = $id_property AND k.record_id = l.record_id
WHERE l.id_property <> $id_property
  AND (l.held OR l.record_id IN (SELECT record_id FROM temp.main.rollcall_object_leaving))
  AND NOT EXISTS (FROM rollcall.records r WHERE r.sync = $name AND r.object_type_id = $object_type_id AND r.id_property = l.id_property AND r.key = l.key)
GROUP BY l.id_property, l.key, l.record_id;

-- name: MarkLeft
-- The sync does not keep the records of these keys in step any more. Those that are about to be archived or cleared, now or at their next try, are marked when HubSpot has confirmed it.
UPDATE rollcall.records
SET left_by = $run_id
WHERE sync = $name AND object_type_id = $object_type_id
  AND (id_property, key) IN (SELECT (id_property, key) FROM temp.main.rollcall_object_left WHERE NOT held AND record_id NOT IN (SELECT record_id FROM temp.main.rollcall_object_leaving));

-- name: MarkCleared
-- Records that HubSpot confirmed to have cleared are not kept in step any more.
UPDATE rollcall.records
SET left_by = $run_id
WHERE sync = $name AND object_type_id = $object_type_id
  AND (id_property, key) IN (
      SELECT (k.id_property, k.key)
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

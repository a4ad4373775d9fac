-- name: ReadOrphans
-- Changes of records whose answer was lost, by sync and object type, with the object type that the sync's row is about now; NULL: there is no such row, or it is disabled.
SELECT u.sync, u.target, min(s.object_type) AS object_type
FROM temp.main.rollcall_pending_unknown u
JOIN rollcall.runs r ON r.run_id = u.run_id AND r.kind = 'object'
LEFT JOIN (
    SELECT name, coalesce(trim(object_type), 'contacts') AS object_type
    FROM rollcall.syncs
    WHERE coalesce(enabled, true) AND lower(trim(kind)) = 'object'
) s ON s.name = u.sync
GROUP BY u.sync, u.target
ORDER BY u.sync, u.target;

-- name: ReadOrphanRecords
-- The records of those changes.
-- Parameters: $name, $target VARCHAR (the sync, the object type's name).
SELECT DISTINCT record_id
FROM temp.main.rollcall_pending_unknown
WHERE sync = $name AND target = $target AND record_id IS NOT NULL
ORDER BY record_id;

-- name: ReadOrphanKeys
-- The keys of the records that were to be created, each with a property that had it as its value.
-- Parameters: $name, $target VARCHAR (the sync, the object type's name).
SELECT key, property
FROM (
    SELECT key, values, unnest(json_keys(values)) AS property
    FROM temp.main.rollcall_pending_unknown
    WHERE sync = $name AND target = $target AND action = 'create' AND record_id IS NULL
)
WHERE values -> property ->> 1 = key
ORDER BY key, property;

-- name: FindOrphanRecords
-- What HubSpot has of the records of those changes, by the keys of the changes.
INSERT INTO temp.main.rollcall_object_found
SELECT DISTINCT $sync::INTEGER, u.key, l.live_id, l.values, NULL
FROM temp.main.rollcall_pending_unknown u
LEFT JOIN temp.main.rollcall_object_live l ON l.record_id = u.record_id
WHERE u.sync = $name AND u.target = $target AND u.record_id IS NOT NULL;

-- name: ReadSyncs
-- What did the analysts write? One row a sync, as written, by name; a text longer than its limit is cut.
-- Parameters: $name_chars, $query_chars, $text_chars BIGINT (how many characters are read at the most).
SELECT
    left(name, $name_chars), left(kind, $text_chars), left(query, $query_chars), left(list_id, $text_chars), enabled, left(list_name, $text_chars), left(key_column, $text_chars),
    left(id_property, $text_chars), left(object_type, $text_chars), left(to_id_property, $text_chars), left(to_object_type, $text_chars), left(event_name, $text_chars),
    left(mode, $text_chars), left(foreign_members, $text_chars), left(foreign_values, $text_chars), left(on_leave, $text_chars), left(if_null, $text_chars),
    allow_empty, allow_takeover, min_rows, max_changes, max_creates, max_removals, max_removal_pct, dry_run,
    left(schedule, $text_chars), left(description, $text_chars), left(owner, $text_chars), created_at
FROM rollcall.syncs
ORDER BY name;

-- name: InsertSync
-- A new row of the control table.
INSERT INTO rollcall.syncs (
    name, kind, query, list_id, enabled, list_name, key_column, id_property, object_type, to_id_property, to_object_type, event_name, mode, foreign_members,
    foreign_values, on_leave, if_null, allow_empty, allow_takeover, min_rows, max_changes, max_creates, max_removals, max_removal_pct, dry_run, schedule, description, owner, created_at, updated_at
)
VALUES (
    $name, $kind, $query, $list_id, $enabled, $list_name, $key_column, $id_property, $object_type, $to_id_property, $to_object_type, $event_name, $mode, $foreign_members,
    $foreign_values, $on_leave, $if_null, $allow_empty, $allow_takeover, $min_rows, $max_changes, $max_creates, $max_removals, $max_removal_pct, $dry_run, $schedule, $description, $owner, $now, $now
);

-- name: WriteSync
-- Writes a row back to the control table: the one of that name is changed in place.
UPDATE rollcall.syncs
SET kind = $kind,
    query = $query,
    list_id = $list_id,
    enabled = $enabled,
    list_name = $list_name,
    key_column = $key_column,
    id_property = $id_property,
    object_type = $object_type,
    to_id_property = $to_id_property,
    to_object_type = $to_object_type,
    event_name = $event_name,
    mode = $mode,
    foreign_members = $foreign_members,
    foreign_values = $foreign_values,
    on_leave = $on_leave,
    if_null = $if_null,
    allow_empty = $allow_empty,
    allow_takeover = $allow_takeover,
    min_rows = $min_rows,
    max_changes = $max_changes,
    max_creates = $max_creates,
    max_removals = $max_removals,
    max_removal_pct = $max_removal_pct,
    dry_run = $dry_run,
    schedule = $schedule,
    description = $description,
    owner = $owner,
    updated_at = $now
WHERE name = $name;

-- name: DeleteSync
-- Takes a row out of the control table; the ledger keeps what it did. A name that is longer than any is matched by its beginning, as it was read.
-- Parameters: $name VARCHAR, $name_chars BIGINT (how many characters of a name are read).
DELETE FROM rollcall.syncs
WHERE left(name, $name_chars) = $name;

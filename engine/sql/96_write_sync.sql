-- Writes a row back to the control table: the one of that name is changed in place.
-- Writes rollcall.syncs.
-- Parameters: the columns of a row; $now TIMESTAMPTZ.
UPDATE rollcall.syncs
SET query = $query,
    list_id = $list_id,
    enabled = $enabled,
    list_name = $list_name,
    key_column = $key_column,
    id_property = $id_property,
    object_type = $object_type,
    mode = $mode,
    foreign_members = $foreign_members,
    allow_empty = $allow_empty,
    allow_takeover = $allow_takeover,
    min_rows = $min_rows,
    max_removals = $max_removals,
    max_removal_pct = $max_removal_pct,
    dry_run = $dry_run,
    schedule = $schedule,
    description = $description,
    owner = $owner,
    updated_at = $now
WHERE name = $name;

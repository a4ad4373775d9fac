-- A new row of the control table.
-- Writes rollcall.syncs.
-- Parameters: the columns of a row; $now TIMESTAMPTZ.
INSERT INTO rollcall.syncs (
    name, query, list_id, enabled, list_name, key_column, id_property, object_type, mode, foreign_members,
    allow_empty, allow_takeover, min_rows, max_removals, max_removal_pct, dry_run, schedule, description, owner, created_at, updated_at
)
VALUES (
    $name, $query, $list_id, $enabled, $list_name, $key_column, $id_property, $object_type, $mode, $foreign_members,
    $allow_empty, $allow_takeover, $min_rows, $max_removals, $max_removal_pct, $dry_run, $schedule, $description, $owner, $now, $now
);

-- What did the analysts write? One row a sync, as written, by name.
-- Reads rollcall.syncs.
-- Parameters: none.
SELECT
    name, query, list_id, enabled, list_name, key_column, id_property, object_type, mode, foreign_members,
    allow_empty, allow_takeover, min_rows, max_removals, max_removal_pct, dry_run, schedule, description, owner, created_at
FROM rollcall.syncs
ORDER BY name;

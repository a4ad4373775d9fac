-- What did the analysts write? One row a sync, as written, by name; a text longer than its limit is cut.
-- Reads rollcall.syncs.
-- Parameters: $name_chars, $query_chars, $text_chars BIGINT (how many characters are read at the most).
SELECT
    left(name, $name_chars), left(query, $query_chars), left(list_id, $text_chars), enabled, left(list_name, $text_chars), left(key_column, $text_chars),
    left(id_property, $text_chars), left(object_type, $text_chars), left(mode, $text_chars), left(foreign_members, $text_chars),
    allow_empty, allow_takeover, min_rows, max_removals, max_removal_pct, dry_run,
    left(schedule, $text_chars), left(description, $text_chars), left(owner, $text_chars), created_at
FROM rollcall.syncs
ORDER BY name;

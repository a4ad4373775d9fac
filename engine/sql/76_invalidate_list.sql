-- Invalidate a cached list; its name and ID stay known.
-- Writes rollcall.lists.
-- Parameters: $list_id VARCHAR.
UPDATE rollcall.lists
SET n_members = NULL,
    full_read_at = NULL,
    wrote_from = NULL
WHERE list_id = $list_id;

-- What was remembered of a list holds no longer, but for which list it is.
-- Writes rollcall.lists.
-- Parameters: $list_id VARCHAR.
UPDATE rollcall.lists
SET n_members = NULL,
    full_read_at = NULL,
    wrote_from = NULL
WHERE list_id = $list_id;

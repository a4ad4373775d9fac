-- The list bears the name now, so no other list is known by it any more.
-- Writes rollcall.lists.
-- Parameters: $list_id, $list_name VARCHAR.
UPDATE rollcall.lists
SET list_name = NULL
WHERE list_id <> $list_id AND lower(list_name) = lower($list_name);

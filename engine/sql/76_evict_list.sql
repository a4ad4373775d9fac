-- Delete a cached list.
-- Writes rollcall.lists.
-- Parameters: $list_id VARCHAR.
DELETE FROM rollcall.lists
WHERE list_id = $list_id;

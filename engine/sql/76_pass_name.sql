-- Clear that name in the rows of other lists: from now on it belongs to this list.
-- Writes rollcall.lists.
-- Parameters: $list_id, $name VARCHAR.
UPDATE rollcall.lists
SET list_name = CASE WHEN lower(list_name) <> lower($name) THEN list_name END,
    known_as = CASE WHEN lower(known_as) <> lower($name) THEN known_as END
WHERE list_id <> $list_id AND (lower(list_name) = lower($name) OR lower(known_as) = lower($name));

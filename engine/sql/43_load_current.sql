-- The list's members, from the cache: they have not changed since.
-- Makes current from rollcall.members.
-- Parameters: $list_id VARCHAR.
CREATE TEMP TABLE current AS
SELECT DISTINCT record_id
FROM rollcall.members
WHERE list_id = $list_id;

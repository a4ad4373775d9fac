-- Who is on the list now, from memory: nobody has touched it since.
-- Makes current from rollcall.members.
-- Parameters: $list_id VARCHAR.
CREATE TEMP TABLE current AS
SELECT DISTINCT record_id
FROM rollcall.members
WHERE list_id = $list_id;

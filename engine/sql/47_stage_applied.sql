-- Whom did Rollcall itself last leave on the list?
-- Makes applied from rollcall.members.
-- Parameters: $list_id VARCHAR.
CREATE TEMP TABLE applied AS
SELECT record_id, min(key) AS key
FROM rollcall.members
WHERE list_id = $list_id AND NOT coalesce(is_foreign, false)
GROUP BY record_id;

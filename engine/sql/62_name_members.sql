-- Add the known keys to members that this run found and that the query does not name.
-- Writes rollcall.members; reads rollcall_answers, rollcall.contacts.
-- Parameters: $run_id VARCHAR, $list_id VARCHAR, $object_type_id VARCHAR, $id_property VARCHAR.
UPDATE rollcall.members
SET key = names.key
FROM (
    SELECT record_id, min(key) AS key
    FROM (
        SELECT record_id, key FROM temp.main.rollcall_answers WHERE object_type_id = $object_type_id AND id_property = $id_property
        UNION ALL
        SELECT record_id, key FROM rollcall.contacts WHERE object_type_id = $object_type_id AND id_property = $id_property
    )
    GROUP BY record_id
) names
WHERE members.list_id = $list_id AND members.run_id = $run_id AND members.record_id = names.record_id AND members.key IS NULL;

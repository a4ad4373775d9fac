-- Add the known keys to changes of records that the query does not name: the one that HubSpot has just given, or a cached one.
-- Writes plan; reads rollcall_records, rollcall_answers, rollcall.contacts, rollcall.members.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR, $list_id VARCHAR.
UPDATE temp.main.plan
SET key = names.key
FROM (
    WITH nameless AS (
        SELECT record_id FROM temp.main.plan WHERE key IS NULL
    ),
    known AS (
        SELECT '0' AS rank, record_id, CAST(record_id AS VARCHAR) AS key FROM nameless WHERE $id_property = 'hs_object_id'
        UNION ALL
        SELECT '1', record_id, key FROM temp.main.rollcall_records WHERE is_primary
        UNION ALL
        SELECT '2', record_id, key FROM temp.main.rollcall_answers WHERE object_type_id = $object_type_id AND id_property = $id_property
        UNION ALL
        SELECT '3', record_id, key FROM rollcall.contacts WHERE object_type_id = $object_type_id AND id_property = $id_property
        UNION ALL
        SELECT '4', record_id, key FROM rollcall.members WHERE list_id = $list_id AND key IS NOT NULL
    )
    SELECT known.record_id, arg_min(known.key, known.rank || known.key) AS key
    FROM known
    SEMI JOIN nameless ON nameless.record_id = known.record_id
    GROUP BY known.record_id
) names
WHERE plan.record_id = names.record_id AND plan.key IS NULL;

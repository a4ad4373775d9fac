-- name: Plan
-- What has to change, and why? Records to be created and records whose values differ, in the order in which they are sent, cut into batches of one action.
-- Parameters: $creates, $updates BOOLEAN (may records be created, may they be changed?), $id_property VARCHAR, $chunk BIGINT (records a batch).
CREATE OR REPLACE TEMP TABLE plan AS
WITH created AS (
    SELECT key, property, NULL::VARCHAR AS before, values ->> property AS after
    FROM (
        SELECT key, values, unnest(json_keys(values)) AS property
        FROM temp.main.rollcall_object_wanted
        WHERE record_id IS NULL AND NOT held AND $creates::BOOLEAN
    )
    WHERE values ->> property <> ''
    UNION ALL
    SELECT key, $id_property::VARCHAR, NULL, key
    FROM temp.main.rollcall_object_wanted
    WHERE record_id IS NULL AND NOT held AND $creates::BOOLEAN
),
written AS (
    SELECT 'create' AS action, NULL::BIGINT AS record_id, key, property, before, after FROM created
    UNION ALL
    SELECT 'update', record_id, key, property, before, after FROM temp.main.differing WHERE $updates::BOOLEAN
),
records AS (
    SELECT action, record_id, key, CAST('{' || string_agg(to_json(property) || ':' || json_array(before, after), ',' ORDER BY property) || '}' AS JSON) AS values
    FROM written
    GROUP BY action, record_id, key
),
changes AS (
    SELECT r.*,
        CASE
            WHEN r.action = 'create' OR NOT w.known THEN 'entered'
            WHEN w.known_hash IS NOT DISTINCT FROM w.hash THEN 'restored'
            ELSE 'changed'
        END AS cause,
        (row_number() OVER (PARTITION BY r.action ORDER BY r.key) - 1) // $chunk::BIGINT AS part
    FROM records r
    JOIN temp.main.rollcall_object_wanted w ON w.key = r.key
)
SELECT
    dense_rank() OVER (ORDER BY action, part) AS batch,
    row_number() OVER (ORDER BY action, key) AS n,
    action,
    record_id,
    key,
    cause,
    values
FROM changes
ORDER BY action, key;

-- name: CountOverwrites
-- How many values would be replaced that no sync wrote?
SELECT count(*) AS n
FROM temp.main.differing d
ANTI JOIN rollcall.record_values v
    ON v.object_type_id = $object_type_id AND v.record_id = d.record_id AND v.property = d.property AND v.sync IS NOT NULL AND v.value IS NOT DISTINCT FROM d.before
WHERE d.before IS NOT NULL;

-- name: CountClears
-- How many values of each property would become empty?
SELECT property, count(*) AS n
FROM temp.main.differing
WHERE after IS NULL
GROUP BY property
ORDER BY property;

-- name: CountValues
-- How many of the desired records have a value of the property?
SELECT count(DISTINCT record_id) AS n
FROM (
    SELECT record_id FROM temp.main.current WHERE property = $property AND value IS NOT NULL
    UNION ALL
    SELECT v.record_id
    FROM rollcall.record_values v
    SEMI JOIN temp.main.resolved r ON r.record_id = v.record_id
    ANTI JOIN temp.main.current c ON c.record_id = v.record_id
    WHERE v.object_type_id = $object_type_id AND v.property = $property AND v.value IS NOT NULL
);

-- name: ReadBatch
-- The changes of one batch.
SELECT n, action, coalesce(record_id, 0) AS record_id, key, CAST(values AS VARCHAR) AS values
FROM temp.main.plan
WHERE batch = $batch
ORDER BY n;

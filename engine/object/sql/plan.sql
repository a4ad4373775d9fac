-- name: Plan
-- What has to change, and why? Records to be created, records whose values differ and records that have left the query, in the order in which they are sent, cut into batches of one action.
-- Parameters: $creates, $updates BOOLEAN (may records be created, may they be changed?), $id_property VARCHAR, $chunk BIGINT (records a batch).
CREATE OR REPLACE TEMP TABLE plan AS
WITH records AS (
    SELECT 'create' AS action, NULL::BIGINT AS record_id, key,
        CAST('{' || array_to_string(list_transform(
            list_sort(list_filter(map_entries(from_json(values, '"MAP(VARCHAR,VARCHAR)"')), lambda e: e.value <> '') || [{'key': $id_property::VARCHAR, 'value': key}]),
            lambda e: CAST(to_json(e.key) AS VARCHAR) || ':' || CAST(json_array(NULL, e.value) AS VARCHAR)
        ), ',') || '}' AS JSON) AS values
    FROM temp.main.rollcall_object_wanted
    WHERE record_id IS NULL AND NOT held AND $creates::BOOLEAN
    UNION ALL
    SELECT 'update', record_id, key,
        CAST('{' || array_to_string(list_transform(
            list_sort(list({'key': property, 'pair': CAST(json_array(before, after) AS VARCHAR)})),
            lambda e: CAST(to_json(e.key) AS VARCHAR) || ':' || e.pair
        ), ',') || '}' AS JSON)
    FROM temp.main.differing
    WHERE $updates::BOOLEAN
    GROUP BY record_id, key
),
caused AS (
    SELECT r.*,
        CASE
            WHEN r.action = 'create' OR NOT w.known THEN 'entered'
            WHEN w.known_hash IS NOT DISTINCT FROM w.hash THEN 'restored'
            ELSE 'changed'
        END AS cause
    FROM records r
    JOIN temp.main.rollcall_object_wanted w ON w.key = r.key
    UNION ALL
    SELECT action, record_id, key, values, 'left' FROM temp.main.rollcall_object_leaving
),
changes AS (
    SELECT *, (row_number() OVER (PARTITION BY action ORDER BY key) - 1) // $chunk::BIGINT AS part FROM caused
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
    ON v.object_type_id = $object_type_id AND v.record_id = d.record_id AND v.property = d.property AND v.sync IS NOT NULL AND NOT coalesce(v.is_foreign, false) AND v.value IS NOT DISTINCT FROM d.before
WHERE d.before IS NOT NULL;

-- name: CountClears
-- How many values of each property would become empty: for a NULL of the query, and in all? How many in all of records that the sync keeps?
WITH emptied AS (
    SELECT record_id, property, true AS for_null FROM temp.main.differing WHERE after IS NULL
    UNION ALL
    SELECT record_id, unnest(json_keys(values)), false FROM temp.main.rollcall_object_leaving WHERE action = 'clear'
)
SELECT property, count(*) FILTER (for_null) AS nulls, count(*) AS n, count(*) FILTER (record_id IN (SELECT record_id FROM temp.main.applied)) AS kept
FROM emptied
GROUP BY property
ORDER BY property;

-- name: CountValues
-- How many of the desired records and of those that the sync keeps have a value of the property, and how many of the latter alone?
SELECT count(*) AS n, count(*) FILTER (record_id IN (SELECT record_id FROM temp.main.applied)) AS kept
FROM (
    SELECT record_id FROM temp.main.current WHERE property = $property AND value IS NOT NULL
    UNION
    SELECT v.record_id
    FROM rollcall.record_values v
    SEMI JOIN (SELECT record_id FROM temp.main.resolved UNION ALL SELECT record_id FROM temp.main.applied) r ON r.record_id = v.record_id
    ANTI JOIN temp.main.current c ON c.record_id = v.record_id AND c.property = v.property
    WHERE v.object_type_id = $object_type_id AND v.property = $property AND v.value IS NOT NULL
);

-- name: ReadBatch
-- The changes of one batch.
SELECT n, action, coalesce(record_id, 0) AS record_id, key, coalesce(CAST(values AS VARCHAR), '{}') AS values
FROM temp.main.plan
WHERE batch = $batch
ORDER BY n;

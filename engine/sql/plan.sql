-- name: CountPlan
-- How many changes of each kind?
SELECT
    count(*) FILTER (action IN ('add', 'create', 'link')) AS to_add,
    count(*) FILTER (action IN ('remove', 'clear', 'archive', 'unlink')) AS to_remove,
    count(*) FILTER (action = 'update') AS to_update,
    count(*) FILTER (cause = 'entered') AS entered,
    count(*) FILTER (cause = 'restored') AS restored,
    count(*) FILTER (cause = 'left') AS left_desired,
    count(*) FILTER (cause = 'foreign') AS foreign_removed,
    count(*) FILTER (cause IN ('undone', 'undone_foreign')) AS undone,
    coalesce(max(batch), 0) AS batches
FROM temp.main.plan;

-- name: HashPlan
-- One value that is the same for the same plan only: a hash over hashes of 10,000 changes each.
WITH numbered AS (
    -- A record without an ID yet is known by its key. The parts bound the text that is made of a large plan.
    SELECT action, coalesce(CAST(record_id AS VARCHAR), '=' || key) AS subject, row_number() OVER (ORDER BY action, record_id, key) AS n FROM temp.main.plan
),
parts AS (
    SELECT n // 10000 AS part, sha256(string_agg(action || subject, ',' ORDER BY n)) AS hash FROM numbered GROUP BY part
)
SELECT sha256(concat_ws('|', $sync::VARCHAR, $list::VARCHAR, coalesce(string_agg(hash, '' ORDER BY part), ''))) AS plan_hash
FROM parts;

-- name: HashValues
-- One value that is the same for the same plan of records or links only: its changes, their keys, causes and values.
SELECT sha256(concat_ws('|', $sync::VARCHAR, $list::VARCHAR, coalesce(string_agg(hash, '' ORDER BY n), ''))) AS plan_hash
FROM (SELECT n, sha256(concat_ws('|', action, CAST(record_id AS VARCHAR), key, cause, CAST(values AS VARCHAR))) AS hash FROM temp.main.plan);

-- name: SamplePlan
-- The first few changes of each action, for people to look at.
-- Parameters: $limit BIGINT (of each action).
SELECT action, coalesce(record_id, 0) AS record_id, coalesce(key, '') AS key, cause, '{}' AS values
FROM temp.main.plan
QUALIFY row_number() OVER (PARTITION BY action ORDER BY record_id, key) <= $limit
ORDER BY action, record_id, key;

-- name: SampleValues
-- The first few changes of each action of a plan of records or links, with what they do to properties, or the label.
-- Parameters: $limit BIGINT (of each action).
SELECT action, coalesce(record_id, 0) AS record_id, coalesce(key, '') AS key, cause, coalesce(CAST(values AS VARCHAR), '{}') AS values
FROM temp.main.plan
QUALIFY row_number() OVER (PARTITION BY action ORDER BY record_id, key) <= $limit
ORDER BY action, record_id, key;


-- One value that is the same for the same plan only: a hash over hashes of 10,000 changes each.
-- Reads plan.
-- Parameters: $sync VARCHAR, $list VARCHAR.
WITH numbered AS (
    SELECT action, record_id, row_number() OVER (ORDER BY action, record_id) AS n FROM temp.main.plan
),
parts AS (
    SELECT n // 10000 AS part, sha256(string_agg(action || record_id, ',' ORDER BY n)) AS hash FROM numbered GROUP BY part
)
SELECT sha256(concat_ws('|', $sync::VARCHAR, $list::VARCHAR, coalesce(string_agg(hash, '' ORDER BY part), ''))) AS plan_hash
FROM parts;

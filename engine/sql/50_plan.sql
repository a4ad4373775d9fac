-- What has to change, and why? The plan, in the order in which it is sent, cut into batches.
-- Makes plan, anew when answers have changed, from resolved, current and applied.
-- Parameters: $mode VARCHAR (mirror, add, remove), $foreign_members VARCHAR (remove, keep), $chunk BIGINT (changes a batch).
CREATE OR REPLACE TEMP TABLE plan AS
WITH wanted AS (
    SELECT record_id, min(key) AS key FROM temp.main.resolved GROUP BY record_id
),
entering AS (
    SELECT record_id FROM temp.main.resolved
    EXCEPT
    SELECT record_id FROM temp.main.current
),
leaving AS (
    SELECT record_id FROM temp.main.current
    EXCEPT
    SELECT record_id FROM temp.main.resolved
),
named AS (
    SELECT record_id FROM temp.main.resolved
    INTERSECT
    SELECT record_id FROM temp.main.current
),
changes AS (
    SELECT
        'add' AS action,
        entering.record_id,
        wanted.key,
        CASE WHEN applied.record_id IS NULL THEN 'entered' ELSE 'restored' END AS cause
    FROM entering
    JOIN wanted ON wanted.record_id = entering.record_id
    LEFT JOIN temp.main.applied ON applied.record_id = entering.record_id
    WHERE $mode IN ('mirror', 'add')
    UNION ALL
    SELECT
        'remove',
        leaving.record_id,
        applied.key,
        CASE WHEN applied.record_id IS NULL THEN 'foreign' ELSE 'left' END
    FROM leaving
    LEFT JOIN temp.main.applied ON applied.record_id = leaving.record_id
    WHERE $mode = 'mirror' AND (applied.record_id IS NOT NULL OR $foreign_members = 'remove')
    UNION ALL
    SELECT
        'remove',
        named.record_id,
        wanted.key,
        CASE WHEN applied.record_id IS NULL THEN 'foreign' ELSE 'left' END
    FROM named
    JOIN wanted ON wanted.record_id = named.record_id
    LEFT JOIN temp.main.applied ON applied.record_id = named.record_id
    WHERE $mode = 'remove'
)
SELECT
    (row_number() OVER (ORDER BY action, record_id) - 1) // $chunk::BIGINT + 1 AS batch,
    action,
    record_id,
    key,
    cause
FROM changes
ORDER BY action, record_id;

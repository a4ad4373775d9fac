-- What has to change, and why? The plan, in the order in which it is sent, cut into batches.
-- Makes plan, anew when answers have changed, from resolved, current and applied.
-- Parameters: $mode VARCHAR (mirror, add, remove), $foreign_members VARCHAR (remove, keep), $chunk BIGINT (changes a batch).
CREATE OR REPLACE TEMP TABLE plan AS
WITH entering AS (
    SELECT record_id FROM temp.main.resolved
    EXCEPT
    SELECT record_id FROM temp.main.current
),
leaving AS (
    SELECT record_id FROM temp.main.current
    EXCEPT
    SELECT record_id FROM temp.main.resolved
),
changes AS (
    SELECT
        'add' AS action,
        entering.record_id,
        min(resolved.key) AS key,
        CASE WHEN count(applied.record_id) = 0 THEN 'entered' ELSE 'restored' END AS cause
    FROM entering
    JOIN temp.main.resolved ON resolved.record_id = entering.record_id
    LEFT JOIN temp.main.applied ON applied.record_id = entering.record_id
    WHERE $mode IN ('mirror', 'add')
    GROUP BY entering.record_id
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
        resolved.record_id,
        min(resolved.key),
        CASE WHEN count(applied.record_id) = 0 THEN 'foreign' ELSE 'left' END
    FROM temp.main.resolved
    SEMI JOIN temp.main.current ON current.record_id = resolved.record_id
    LEFT JOIN temp.main.applied ON applied.record_id = resolved.record_id
    WHERE $mode = 'remove'
    GROUP BY resolved.record_id
)
SELECT
    (row_number() OVER (ORDER BY action, record_id) - 1) // $chunk::BIGINT + 1 AS batch,
    action,
    record_id,
    key,
    cause
FROM changes
ORDER BY action, record_id;

-- What has to change, and why? The plan, in the order in which it is sent, cut into batches.
-- Makes plan, anew when answers have changed, from differing, resolved and applied.
-- Parameters: $keep_foreign BOOLEAN (do members that Rollcall did not put there stay?), $chunk BIGINT (changes a batch).
CREATE OR REPLACE TEMP TABLE plan AS
WITH desired_keys AS (
    SELECT record_id, min(key) AS key
    FROM temp.main.resolved
    WHERE record_id IN (SELECT record_id FROM temp.main.differing)
    GROUP BY record_id
),
own AS (
    SELECT record_id, key
    FROM temp.main.applied
    WHERE record_id IN (SELECT record_id FROM temp.main.differing)
),
changes AS (
    SELECT
        differing.action,
        differing.record_id,
        coalesce(desired_keys.key, own.key) AS key,
        CASE
            WHEN differing.action = 'add' AND own.record_id IS NULL THEN 'entered'
            WHEN differing.action = 'add' THEN 'restored'
            WHEN own.record_id IS NULL THEN 'foreign'
            ELSE 'left'
        END AS cause
    FROM temp.main.differing
    LEFT JOIN desired_keys ON desired_keys.record_id = differing.record_id
    LEFT JOIN own ON own.record_id = differing.record_id
)
SELECT
    (row_number() OVER (ORDER BY action, record_id) - 1) // $chunk::BIGINT + 1 AS batch,
    action,
    record_id,
    key,
    cause
FROM changes
WHERE cause <> 'foreign' OR NOT $keep_foreign::BOOLEAN
ORDER BY action, record_id;

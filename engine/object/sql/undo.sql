-- name: ReadUndoneProperties
-- Which properties has the run changed?
SELECT DISTINCT unnest(json_keys(values)) AS property
FROM rollcall.changes
WHERE run_id = $undoes AND values IS NOT NULL
ORDER BY property;

-- name: StageUndone
-- The values that the run wrote, and those before. Changes whose answer was lost count with their reconciled state. touched: a later run has changed the value, or may have, or found that somebody has.
-- Parameters: $undoes, $target VARCHAR (the run; the object type's name).
CREATE OR REPLACE TEMP TABLE rollcall_object_undone AS
WITH earlier AS (
    SELECT run_id
    FROM rollcall.runs
    WHERE (coalesce(epoch, 0), run_id) <= (SELECT (coalesce(epoch, 0), run_id) FROM rollcall.runs WHERE run_id = $undoes)
),
did AS (
    SELECT c.action, coalesce(c.record_id, s.record_id) AS record_id, c.key, c.values
    FROM rollcall.changes c
    LEFT JOIN temp.main.rollcall_reconciled s ON s.run_id = c.run_id AND s.n = c.n
    WHERE c.run_id = $undoes AND c.values IS NOT NULL AND coalesce(s.state, c.state) = 'done'
),
later AS (
    SELECT record_id, unnest(json_keys(values)) AS property
    FROM rollcall.changes
    WHERE target = $target AND values IS NOT NULL AND state IN ('done', 'sent', 'unknown')
      AND run_id NOT IN (SELECT run_id FROM earlier) AND record_id IN (SELECT record_id FROM did)
    UNION
    SELECT record_id, property
    FROM rollcall.drift
    WHERE target = $target AND run_id NOT IN (SELECT run_id FROM earlier)
)
SELECT d.action, d.record_id, d.key, d.property, d.pair ->> 0 AS before, d.pair ->> 1 AS after, l.record_id IS NOT NULL AS touched
FROM (
    SELECT action, record_id, key, property, values -> property AS pair
    FROM (SELECT action, record_id, key, values, unnest(json_keys(values)) AS property FROM did)
) d
LEFT JOIN later l ON l.record_id = d.record_id AND l.property = d.property;

-- name: ReadUndone
-- Which records has the run changed or created?
SELECT DISTINCT record_id
FROM temp.main.rollcall_object_undone
WHERE record_id IS NOT NULL
ORDER BY record_id;

-- name: StageLeftByRun
-- Which of the values are as the run left them? Also where HubSpot keeps another value than the one that it was sent.
CREATE OR REPLACE TEMP TABLE rollcall_object_left_by_run AS
SELECT u.*, l.values ->> u.property AS live,
    NOT u.touched AND (
        (l.values ->> u.property) IS NOT DISTINCT FROM u.after
        OR v.asked IS NOT NULL AND v.asked IS NOT DISTINCT FROM u.after AND v.value IS NOT DISTINCT FROM (l.values ->> u.property)
    ) AS untouched
FROM temp.main.rollcall_object_undone u
JOIN temp.main.rollcall_object_live l ON l.record_id = u.record_id AND l.live_id = u.record_id
LEFT JOIN rollcall.record_values v ON v.object_type_id = $object_type_id AND v.record_id = u.record_id AND v.property = u.property AND v.run_id = $undoes
WHERE u.property <> $id_property;

-- name: StageWriteBack
-- The values that are written back.
CREATE TEMP TABLE differing AS
SELECT key, record_id, property, live AS before, before AS after
FROM temp.main.rollcall_object_left_by_run
WHERE action <> 'create' AND untouched AND live IS DISTINCT FROM before;

-- name: StageTakeBack
-- The created records that are archived: those of which nobody has changed a value since.
CREATE OR REPLACE TEMP TABLE rollcall_object_leaving AS
SELECT 'archive' AS action, u.record_id, min(u.key) AS key, NULL::JSON AS values
FROM temp.main.rollcall_object_undone u
JOIN temp.main.rollcall_object_live l ON l.record_id = u.record_id AND l.live_id = u.record_id
WHERE u.action = 'create'
  AND u.record_id NOT IN (SELECT record_id FROM temp.main.rollcall_object_left_by_run WHERE NOT untouched)
GROUP BY u.record_id;

-- name: PlanUndo
-- The opposite of what the run did, in the order in which it is sent, cut into batches of one action.
-- Parameters: $chunk BIGINT (records a batch).
CREATE OR REPLACE TEMP TABLE plan AS
WITH changes AS (
    SELECT 'update' AS action, record_id, key, CAST('{' || string_agg(to_json(property) || ':' || json_array(before, after), ',' ORDER BY property) || '}' AS JSON) AS values
    FROM temp.main.differing
    GROUP BY record_id, key
    UNION ALL
    SELECT action, record_id, key, values FROM temp.main.rollcall_object_leaving
),
parts AS (
    SELECT *, (row_number() OVER (PARTITION BY action ORDER BY key, record_id) - 1) // $chunk::BIGINT AS part FROM changes
)
SELECT
    dense_rank() OVER (ORDER BY action, part) AS batch,
    row_number() OVER (ORDER BY action, key, record_id) AS n,
    action,
    record_id,
    key,
    'undone' AS cause,
    values
FROM parts
ORDER BY action, key, record_id;

-- name: CountStaying
-- How many values and created records stay because they were changed since, and how many records did the run archive?
SELECT
    (SELECT count(*) FROM temp.main.rollcall_object_left_by_run WHERE action <> 'create' AND NOT untouched AND live IS DISTINCT FROM before) AS n_values,
    (SELECT count(DISTINCT record_id) FROM temp.main.rollcall_object_left_by_run WHERE action = 'create' AND NOT untouched) AS records,
    (SELECT count(*) FROM rollcall.changes WHERE run_id = $undoes AND action = 'archive' AND state = 'done') AS archived;

-- name: ForgetUndone
-- What is known of the records that are about to be changed holds no longer, for whichever sync keeps them.
UPDATE rollcall.records
SET values_hash = NULL, found_at = NULL
WHERE object_type_id = $object_type_id AND record_id IN (SELECT record_id FROM temp.main.plan);

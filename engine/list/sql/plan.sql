-- name: StageApplied
-- Which members did Rollcall itself last leave on the list? Changes whose answer was lost count with their reconciled state, whether it is in the ledger yet or not.
CREATE TEMP TABLE applied AS
WITH known AS (
    -- What the ledger has of the list.
    SELECT record_id, key, is_foreign FROM temp.main.rollcall_members WHERE list_id = $list_id
),
joined AS (
    -- Additions without an answer that turned out to be made. Several runs may have sent the same one.
    SELECT record_id, min(key) AS key
    FROM temp.main.rollcall_reconciled
    WHERE action = 'add' AND state IN ('done', 'already') AND record_id NOT IN (SELECT record_id FROM known)
    GROUP BY record_id
    -- Not Rollcall's where every one of them only put back a foreign member.
    HAVING NOT coalesce(bool_and(cause = 'undone_foreign'), false)
),
gone AS (
    SELECT record_id
    FROM temp.main.rollcall_reconciled
    WHERE action = 'remove' AND state IN ('done', 'already', 'missing')
       -- told is the outcome in the journal: an addition that HubSpot refused is not Rollcall's, even where the list shows
       -- the record by now.
       OR action = 'add' AND told IN ('missing', 'failed')
)
SELECT record_id, min(key) AS key
FROM (SELECT record_id, key FROM known WHERE NOT is_foreign UNION ALL SELECT record_id, key FROM joined)
WHERE record_id NOT IN (SELECT record_id FROM gone)
GROUP BY record_id;

-- name: DifferMirror
-- Who has to go onto the list, and who off it, so that it holds the desired records and nobody else?
CREATE OR REPLACE TEMP TABLE differing AS
SELECT 'add' AS action, record_id
FROM (SELECT record_id FROM temp.main.resolved EXCEPT SELECT record_id FROM temp.main.current)
UNION ALL
SELECT 'remove', record_id
FROM (SELECT record_id FROM temp.main.current EXCEPT SELECT record_id FROM temp.main.resolved);

-- name: DifferAdd
-- Who has to go onto the list, so that it holds the desired records, whoever else is on it?
CREATE OR REPLACE TEMP TABLE differing AS
SELECT 'add' AS action, record_id
FROM (SELECT record_id FROM temp.main.resolved EXCEPT SELECT record_id FROM temp.main.current);

-- name: DifferRemove
-- Who has to go off the list, where the query names who is to go?
CREATE OR REPLACE TEMP TABLE differing AS
SELECT 'remove' AS action, record_id
FROM (SELECT record_id FROM temp.main.resolved INTERSECT SELECT record_id FROM temp.main.current);

-- name: LeaveNewcomers
-- Who joined the list while it was read is left alone until the next run.
DELETE FROM temp.main.differing
WHERE record_id IN (SELECT record_id FROM temp.main.rollcall_newcomers WHERE sync = $sync);

-- name: Plan
-- What has to change, and why? The plan, in the order in which it is sent, cut into batches.
-- Parameters: $keep_foreign BOOLEAN (do members that Rollcall did not put there stay?), $chunk BIGINT (changes a batch).
CREATE OR REPLACE TEMP TABLE plan AS
WITH desired_keys AS (
    -- Two keys may have one record, such as two addresses of a contact: the change has one of them.
    SELECT record_id, min(key) AS key
    FROM temp.main.resolved
    WHERE record_id IN (SELECT record_id FROM temp.main.differing)
    GROUP BY record_id
),
own AS (
    -- What Rollcall left on the list itself tells why a record differs.
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
    -- Numbered after the foreign ones are left out, so that batches are full. The order depends on the changes alone: the
    -- same plan has the same batches.
    (row_number() OVER in_order - 1) // $chunk::BIGINT + 1 AS batch,
    row_number() OVER in_order AS n,
    action,
    record_id,
    key,
    cause
FROM changes
WHERE cause <> 'foreign' OR NOT $keep_foreign::BOOLEAN
WINDOW in_order AS (ORDER BY action, record_id)
ORDER BY action, record_id;

-- name: PlanUndo
-- What is the opposite of what a run did? Without the records that a later run or a person touched: what the list shows must be what the run left.
-- Parameters: $undoes VARCHAR (the run), $list_id VARCHAR, $chunk BIGINT (changes a batch), $sync INTEGER.
CREATE OR REPLACE TEMP TABLE plan AS
WITH earlier AS (
    -- The run itself, and those before it. A run that is not in the ledger any more counts as a later one.
    SELECT run_id
    FROM rollcall.runs
    WHERE (coalesce(epoch, 0), run_id) <= (SELECT (coalesce(epoch, 0), run_id) FROM rollcall.runs WHERE run_id = $undoes)
),
sent AS (
    -- Changes whose answer was lost count with their reconciled state, whether it is in the ledger yet or not.
    SELECT c.run_id, c.list_id, c.action, c.record_id, c.key, c.cause, coalesce(s.state, c.state) AS state
    FROM rollcall.changes c
    LEFT JOIN temp.main.rollcall_reconciled s ON s.run_id = c.run_id AND s.n = c.n
    WHERE c.run_id = $undoes OR c.list_id = $list_id AND c.run_id NOT IN (SELECT run_id FROM earlier)
),
did AS (
    -- What the run did. A record that it both added and removed is left alone.
    SELECT record_id, min(action) AS action, min(key) AS key, bool_or(cause IN ('foreign', 'undone_foreign')) AS is_foreign
    FROM sent
    WHERE run_id = $undoes AND state = 'done'
    GROUP BY record_id
    HAVING count(DISTINCT action) = 1
),
touched AS (
    -- A later run has changed the record, or may have, or found that a person has.
    SELECT record_id FROM sent
    WHERE list_id = $list_id AND run_id <> $undoes AND state IN ('done', 'already', 'sent', 'unknown')
    UNION
    SELECT record_id FROM rollcall.drift
    WHERE list_id = $list_id AND run_id NOT IN (SELECT run_id FROM earlier) AND cause IN ('added_by_hand', 'removed_by_hand')
),
changes AS (
    -- Of what is left only changes that the list still shows: an added record that is on it, a removed one that is not.
    SELECT CASE did.action WHEN 'add' THEN 'remove' ELSE 'add' END AS action, did.record_id, did.key, did.is_foreign
    FROM did
    WHERE did.record_id NOT IN (SELECT record_id FROM touched)
      AND did.record_id NOT IN (SELECT record_id FROM temp.main.rollcall_newcomers WHERE sync = $sync)
      AND (did.action = 'add') = (did.record_id IN (SELECT record_id FROM temp.main.current))
)
SELECT
    (row_number() OVER in_order - 1) // $chunk::BIGINT + 1 AS batch,
    row_number() OVER in_order AS n,
    action,
    record_id,
    key,
    CASE WHEN is_foreign THEN 'undone_foreign' ELSE 'undone' END AS cause
FROM changes
WINDOW in_order AS (ORDER BY action, record_id)
ORDER BY action, record_id;

-- name: CountNameless
-- How many changes have no key?
SELECT count(*) AS nameless
FROM temp.main.plan
WHERE key IS NULL;

-- name: StageNameless
-- Records that would go, that nothing names, and that have not been read.
CREATE OR REPLACE TEMP TABLE rollcall_unread AS
SELECT p.record_id
FROM temp.main.plan p
ANTI JOIN temp.main.rollcall_records r ON r.record_id = p.record_id
WHERE p.action = 'remove' AND p.key IS NULL
ORDER BY p.record_id;

-- name: NamePlan
-- Add the known keys to changes of records that the query does not name: the one that HubSpot has just given, or a cached one.
UPDATE temp.main.plan
SET key = names.key
FROM (
    WITH nameless AS (
        SELECT record_id FROM temp.main.plan WHERE key IS NULL
    ),
    known AS (
        -- The text of the rank comes before that of the key, so that arg_min takes the best source, and of one source the
        -- first key.
        SELECT '0' AS rank, record_id, CAST(record_id AS VARCHAR) AS key FROM nameless WHERE $id_property = 'hs_object_id'
        UNION ALL
        SELECT '1', record_id, key FROM temp.main.rollcall_records WHERE is_primary
        UNION ALL
        SELECT '2', record_id, key FROM temp.main.rollcall_answers WHERE object_type_id = $object_type_id AND id_property = $id_property
        UNION ALL
        SELECT '3', record_id, key FROM rollcall.identities WHERE object_type_id = $object_type_id AND id_property = $id_property
        UNION ALL
        SELECT '4', record_id, key FROM rollcall.members WHERE list_id = $list_id AND key IS NOT NULL
    )
    SELECT known.record_id, arg_min(known.key, known.rank || known.key) AS key
    FROM known
    SEMI JOIN nameless ON nameless.record_id = known.record_id
    GROUP BY known.record_id
) names
WHERE plan.record_id = names.record_id AND plan.key IS NULL;

-- name: ReadBatch
-- The changes of one batch.
SELECT n, action, record_id
FROM temp.main.plan
WHERE batch = $batch
ORDER BY n;

-- name: StageMissing
-- Keys whose cached record HubSpot reported missing, to be looked up again.
CREATE OR REPLACE TEMP TABLE rollcall_questions AS
SELECT DISTINCT $object_type_id::VARCHAR AS object_type_id, $id_property::VARCHAR AS id_property, r.key, $sync::INTEGER AS sync
FROM rollcall.changes c
JOIN temp.main.resolved r ON r.record_id = c.record_id
WHERE c.run_id = $run_id AND c.action = 'add' AND c.state = 'missing' AND r.cached;

-- name: PlanAgain
-- The second plan: add the records that those keys have now, unless they are on the list or were in the first plan.
-- Parameters: $after BIGINT (the last batch of the first plan), $chunk BIGINT (changes a batch).
INSERT INTO temp.main.plan (batch, n, action, record_id, key, cause)
SELECT
    (row_number() OVER (ORDER BY r.record_id) - 1) // $chunk::BIGINT + 1 + $after::BIGINT,
    row_number() OVER (ORDER BY r.record_id) + (SELECT max(n) FROM temp.main.plan),
    'add', r.record_id, min(r.key), 'entered'
FROM temp.main.resolved r
SEMI JOIN temp.main.rollcall_questions q ON q.key = r.key
ANTI JOIN temp.main.current c ON c.record_id = r.record_id
ANTI JOIN temp.main.plan p ON p.record_id = r.record_id
GROUP BY r.record_id;

-- name: DropFirstPlan
-- Leave only the second plan.
-- Parameters: $after BIGINT (the last batch of the first plan).
DELETE FROM temp.main.plan
WHERE batch <= $after;

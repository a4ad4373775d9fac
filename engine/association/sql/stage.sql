-- name: StageDesired
-- The links that the query asks for, each once.
CREATE OR REPLACE TEMP TABLE desired AS
SELECT DISTINCT from_key || ' → ' || to_key AS key, from_key, to_key, label
FROM temp.main.rollcall_link_rows
WHERE sync = $sync;

-- name: StageWanted
-- Those with their records and association types. clash: the query gives a record another one by a type of which a record has one.
CREATE OR REPLACE TEMP TABLE rollcall_link_wanted AS
WITH joined AS (
    SELECT
        d.key, d.from_key, d.to_key, d.label AS asked, f.record_id AS from_id, t.record_id AS to_id,
        CASE WHEN d.label = '' THEN 'default' ELSE l.association_type END AS association_type,
        l.label, l.single, l.reason, l.detail
    FROM temp.main.desired d
    JOIN temp.main.rollcall_link_answers f ON f.side = 1 - 2 * $sync::INTEGER AND f.key = d.from_key
    JOIN temp.main.rollcall_link_answers t ON t.side = - 2 * $sync::INTEGER AND t.key = d.to_key
    LEFT JOIN temp.main.rollcall_link_types l ON l.sync = $sync AND l.asked = d.label
)
SELECT *,
    coalesce(single = 'from' AND min(to_id) OVER from_side <> max(to_id) OVER from_side
        OR single = 'to' AND min(from_id) OVER to_side <> max(from_id) OVER to_side, false) AS clash
FROM joined
WINDOW from_side AS (PARTITION BY from_id, association_type), to_side AS (PARTITION BY to_id, association_type);

-- name: StageRejected
-- Links that can't be used, each reason once.
-- Parameters: $sync INTEGER; $from_absent, $to_absent VARCHAR (what HubSpot does not have); $same_type BOOLEAN (are both sides of one object type?).
CREATE OR REPLACE TEMP TABLE rejected AS
WITH refused AS (
    SELECT key, reason, detail FROM temp.main.rollcall_link_rejects WHERE sync = $sync
    UNION ALL
    SELECT key, 'not_found', 'from_key: ' || $from_absent FROM temp.main.rollcall_link_wanted WHERE from_id IS NULL
    UNION ALL
    SELECT key, 'not_found', 'to_key: ' || $to_absent FROM temp.main.rollcall_link_wanted WHERE to_id IS NULL
    UNION ALL
    SELECT key, 'same_record', 'HubSpot does not associate a record with itself'
    FROM temp.main.rollcall_link_wanted WHERE $same_type::BOOLEAN AND from_id = to_id
    UNION ALL
    SELECT key, reason, detail FROM temp.main.rollcall_link_wanted WHERE reason IS NOT NULL
    UNION ALL
    SELECT key, 'several_primary', 'the query returns several records of which one alone can be ' || label
    FROM temp.main.rollcall_link_wanted WHERE clash
)
SELECT key, reason, string_agg(DISTINCT detail, '; ' ORDER BY detail) AS detail
FROM refused
GROUP BY key, reason
ORDER BY key, reason;

-- name: StageResolved
-- The links that can be made.
-- Parameters: $same_type BOOLEAN (are both sides of one object type?).
CREATE OR REPLACE TEMP TABLE resolved AS
SELECT key, from_id AS record_id, to_id AS to_record_id, association_type, label
FROM temp.main.rollcall_link_wanted
WHERE from_id IS NOT NULL AND to_id IS NOT NULL AND association_type IS NOT NULL AND NOT clash AND NOT ($same_type::BOOLEAN AND from_id = to_id);

-- name: StageUnmatched
-- Links of which HubSpot has not both records.
CREATE OR REPLACE TEMP TABLE unmatched AS
SELECT DISTINCT key
FROM temp.main.rollcall_link_wanted
WHERE from_id IS NULL OR to_id IS NULL;

-- name: StageElements
-- The set that the query spells out: every pair has the default type besides its labels.
CREATE OR REPLACE TEMP TABLE rollcall_link_elements AS
SELECT record_id AS from_id, to_record_id AS to_id, association_type, min(label) AS label, min(key) AS key
FROM (
    SELECT record_id, to_record_id, association_type, label, key FROM temp.main.resolved
    UNION ALL
    SELECT record_id, to_record_id, 'default', NULL, key FROM temp.main.resolved
)
GROUP BY record_id, to_record_id, association_type;

-- name: CountStaged
-- How many links are desired, of how many has HubSpot both records, and how many rows were rejected for their keys? unanswered: links one of whose keys has no answer.
SELECT
    (SELECT count(*) FROM temp.main.desired) AS desired,
    (SELECT count(*) FROM temp.main.rollcall_link_wanted WHERE from_id IS NOT NULL AND to_id IS NOT NULL) AS resolved,
    (SELECT count(*) FROM temp.main.rollcall_link_wanted WHERE from_id IS NULL OR to_id IS NULL) AS unmatched,
    (SELECT count(DISTINCT (record_id, to_record_id)) FROM temp.main.resolved) AS pairs,
    (SELECT count(DISTINCT key) FROM temp.main.rollcall_link_rejects WHERE sync = $sync) AS invalid,
    (SELECT count(*) FROM temp.main.desired) - (SELECT count(*) FROM temp.main.rollcall_link_wanted) AS unanswered;

-- name: StageReconciled
-- What became of the sync's changes whose answer was lost? As the journal says, or else as HubSpot shows.
CREATE OR REPLACE TEMP TABLE rollcall_reconciled AS
SELECT
    run_id, n, sync, list_id, action, record_id, to_record_id, association_type, key, values, cause, told,
    coalesce(told, CASE WHEN shown THEN 'done' ELSE 'failed' END) AS state,
    CASE
        WHEN told IS NOT NULL THEN reason
        WHEN shown THEN 'the answer was lost; HubSpot shows the change'
        ELSE 'the answer was lost; HubSpot does not show the change'
    END AS reason
FROM (
    SELECT u.*, (u.action = 'link') = (r.from_id IS NOT NULL) AS shown
    FROM temp.main.rollcall_pending_unknown u
    SEMI JOIN temp.main.rollcall_link_asked a ON a.sync = $sync AND a.from_id = u.record_id
    LEFT JOIN temp.main.rollcall_link_read r
        ON r.sync = $sync AND r.from_id = u.record_id AND r.to_id = u.to_record_id AND r.association_type = u.association_type
    WHERE u.sync = $name AND u.target = $target AND u.to_record_id IS NOT NULL
);

-- name: StageKnown
-- What the ledger knows of the links that concern the sync: those that lead from the query's records, those that it has made, and those from records that were read.
CREATE OR REPLACE TEMP TABLE rollcall_link_known AS
SELECT from_record_id AS from_id, to_record_id AS to_id, association_type, label, key, sync AS owner, run_id, since
FROM rollcall.links
WHERE target = $target
  AND (
      sync = $name
      OR from_record_id IN (SELECT from_id FROM temp.main.rollcall_link_elements)
      OR from_record_id IN (SELECT from_id FROM temp.main.rollcall_link_asked WHERE sync = $sync)
  );

-- name: StageLive
-- The links that there are: as HubSpot has just answered, or else as they are last known. owner is the sync that has made them; NULL: others have.
CREATE OR REPLACE TEMP TABLE rollcall_link_live AS
WITH made AS (
    SELECT record_id AS from_id, to_record_id AS to_id, association_type, min(sync) AS sync, min(run_id) AS run_id, min(key) AS key
    FROM temp.main.rollcall_reconciled
    WHERE action = 'link' AND state IN ('done', 'already') AND cause <> 'undone_foreign'
    GROUP BY ALL
),
there AS (
    SELECT from_id, to_id, association_type, label FROM temp.main.rollcall_link_read WHERE sync = $sync
    UNION ALL
    SELECT from_id, to_id, association_type, label
    FROM temp.main.rollcall_link_known k
    ANTI JOIN temp.main.rollcall_link_asked a ON a.sync = $sync AND a.from_id = k.from_id
)
SELECT
    t.from_id, t.to_id, t.association_type, t.label, coalesce(k.key, m.key) AS key,
    CASE WHEN k.owner IS NULL AND m.sync IS NOT NULL THEN m.sync ELSE k.owner END AS owner,
    CASE WHEN k.owner IS NULL AND m.sync IS NOT NULL THEN m.run_id ELSE k.run_id END AS run_id,
    k.since
FROM there t
LEFT JOIN temp.main.rollcall_link_known k ON k.from_id = t.from_id AND k.to_id = t.to_id AND k.association_type = t.association_type
LEFT JOIN made m ON m.from_id = t.from_id AND m.to_id = t.to_id AND m.association_type = t.association_type;

-- name: StageCurrent
-- The links that the sync keeps in step, as they are: those that it has made, those that it asks for, and those of others that it may take away.
-- Parameters: $name VARCHAR; $all BOOLEAN (those of others from the query's records, too).
CREATE OR REPLACE TEMP TABLE current AS
SELECT l.from_id AS record_id, l.to_id AS to_record_id, l.association_type, l.label, l.owner
FROM temp.main.rollcall_link_live l
LEFT JOIN temp.main.rollcall_link_elements e ON e.from_id = l.from_id AND e.to_id = l.to_id AND e.association_type = l.association_type
WHERE l.owner = $name OR e.from_id IS NOT NULL
   OR $all::BOOLEAN AND l.owner IS NULL AND l.from_id IN (SELECT from_id FROM temp.main.rollcall_link_elements);

-- name: StageApplied
-- The links that the sync has made and that are there.
CREATE OR REPLACE TEMP TABLE applied AS
SELECT from_id AS record_id, key, to_id AS to_record_id, association_type, label
FROM temp.main.rollcall_link_live
WHERE owner = $name;

-- name: CountCurrent
-- How many links does the sync keep in step?
SELECT count(*) AS n
FROM temp.main.current;

-- name: DifferMirror
-- What has to be linked and what unlinked? Not where a row of the pair was rejected for its label: what it asks for is not known.
-- Parameters: $name VARCHAR; $foreign BOOLEAN (do links of others from the query's records go?).
CREATE OR REPLACE TEMP TABLE differing AS
WITH held AS (
    SELECT DISTINCT from_id, to_id FROM temp.main.rollcall_link_wanted WHERE clash OR reason IS NOT NULL
)
SELECT 'link' AS action, from_id, to_id, association_type
FROM (
    SELECT from_id, to_id, association_type FROM temp.main.rollcall_link_elements
    EXCEPT
    SELECT from_id, to_id, association_type FROM temp.main.rollcall_link_live
)
UNION ALL
SELECT 'unlink', from_id, to_id, association_type
FROM (
    SELECT l.from_id, l.to_id, l.association_type
    FROM temp.main.rollcall_link_live l
    ANTI JOIN held h ON h.from_id = l.from_id AND h.to_id = l.to_id
    WHERE l.owner = $name
       OR $foreign::BOOLEAN AND l.owner IS NULL AND l.from_id IN (SELECT from_id FROM temp.main.rollcall_link_elements)
    EXCEPT
    SELECT from_id, to_id, association_type FROM temp.main.rollcall_link_elements
);

-- name: DifferAdd
-- What has to be linked?
CREATE OR REPLACE TEMP TABLE differing AS
SELECT 'link' AS action, from_id, to_id, association_type
FROM (
    SELECT from_id, to_id, association_type FROM temp.main.rollcall_link_elements
    EXCEPT
    SELECT from_id, to_id, association_type FROM temp.main.rollcall_link_live
);

-- name: DifferRemove
-- What has to be unlinked, where the query names what is to go? A pair that it names without a label goes with all its labels.
CREATE OR REPLACE TEMP TABLE differing AS
SELECT DISTINCT 'unlink' AS action, l.from_id, l.to_id, l.association_type
FROM temp.main.rollcall_link_live l
JOIN temp.main.resolved r ON r.record_id = l.from_id AND r.to_record_id = l.to_id AND r.association_type IN (l.association_type, 'default');

-- name: DifferUndo
-- What is the opposite of what a run did? Without the links that a later run or a person has touched: what there is must be what the run left.
-- Parameters: $undoes (the run), $target VARCHAR.
CREATE OR REPLACE TEMP TABLE differing AS
WITH earlier AS (
    -- The run itself, and those before it. A run that is not in the ledger any more counts as a later one.
    SELECT run_id
    FROM rollcall.runs
    WHERE (coalesce(epoch, 0), run_id) <= (SELECT (coalesce(epoch, 0), run_id) FROM rollcall.runs WHERE run_id = $undoes)
),
sent AS (
    -- Changes whose answer was lost count with their reconciled state, whether it is in the ledger yet or not.
    SELECT c.run_id, c.action, c.record_id, c.to_record_id, c.association_type, coalesce(s.state, c.state) AS state
    FROM rollcall.changes c
    LEFT JOIN temp.main.rollcall_reconciled s ON s.run_id = c.run_id AND s.n = c.n
    WHERE c.target = $target AND (c.run_id = $undoes OR c.run_id NOT IN (SELECT run_id FROM earlier))
),
touched AS (
    SELECT record_id, to_record_id, association_type FROM sent WHERE run_id <> $undoes AND state IN ('done', 'already', 'sent', 'unknown')
    UNION
    SELECT record_id, to_record_id, association_type FROM rollcall.drift WHERE target = $target AND run_id NOT IN (SELECT run_id FROM earlier)
)
SELECT CASE s.action WHEN 'link' THEN 'unlink' ELSE 'link' END AS action, s.record_id AS from_id, s.to_record_id AS to_id, s.association_type
FROM sent s
ANTI JOIN touched t ON t.record_id = s.record_id AND t.to_record_id = s.to_record_id AND t.association_type = s.association_type
LEFT JOIN temp.main.rollcall_link_live l ON l.from_id = s.record_id AND l.to_id = s.to_record_id AND l.association_type = s.association_type
WHERE s.run_id = $undoes AND s.state = 'done' AND (s.action = 'link') = (l.from_id IS NOT NULL);

-- name: StageGone
-- Links that can't be made because HubSpot does not have their types any more.
-- Parameters: $present VARCHAR (the types that there are, separated by commas; NULL: not known).
CREATE OR REPLACE TEMP TABLE rollcall_link_gone AS
SELECT from_id, to_id, association_type
FROM temp.main.differing
WHERE action = 'link' AND association_type <> 'default' AND NOT list_contains(string_split($present::VARCHAR, ','), association_type);

-- name: LeaveGone
-- They are left out.
DELETE FROM temp.main.differing
WHERE action = 'link' AND (from_id, to_id, association_type) IN (SELECT (from_id, to_id, association_type) FROM temp.main.rollcall_link_gone);

-- name: CountGone
-- How many are they, and of which types?
SELECT count(*) AS n, coalesce(string_agg(DISTINCT association_type, ', ' ORDER BY association_type), '') AS types
FROM temp.main.rollcall_link_gone;

-- name: LeaveDefaults
-- A link without a label stays as long as the pair has labels that stay: HubSpot ends both together.
DELETE FROM temp.main.differing
WHERE action = 'unlink' AND association_type = 'default'
  AND (from_id, to_id) IN (
      SELECT (from_id, to_id) FROM temp.main.differing WHERE action = 'link'
      UNION ALL
      SELECT (l.from_id, l.to_id)
      FROM temp.main.rollcall_link_live l
      ANTI JOIN temp.main.differing d ON d.action = 'unlink' AND d.from_id = l.from_id AND d.to_id = l.to_id AND d.association_type = l.association_type
      WHERE l.association_type <> 'default'
  );

-- name: AddDefaults
-- A label comes with the link without one.
INSERT INTO temp.main.differing
SELECT DISTINCT 'link', d.from_id, d.to_id, 'default'
FROM temp.main.differing d
ANTI JOIN temp.main.rollcall_link_live l ON l.from_id = d.from_id AND l.to_id = d.to_id AND l.association_type = 'default'
ANTI JOIN temp.main.differing o ON o.action = 'link' AND o.from_id = d.from_id AND o.to_id = d.to_id AND o.association_type = 'default'
WHERE d.action = 'link' AND d.association_type <> 'default';

-- name: CountLabelled
-- How many links by labels are to be made?
SELECT count(*) AS labelled
FROM temp.main.differing
WHERE action = 'link' AND association_type <> 'default';

-- name: Plan
-- What has to change, why, and by which call? All changes of a pair go with one call: create writes the labels that the pair is to have, those of others among them, since it replaces what labels there are; default links without one; labels takes some off; archive ends the association. types are those that the call carries.
-- Parameters: $sync INTEGER; $name VARCHAR; $undoes VARCHAR; $to_side INTEGER (the number by which keys of that side were looked up); $chunk, $archived BIGINT (pairs a batch, the second of the call archive).
CREATE OR REPLACE TEMP TABLE plan AS
WITH pairs AS (
    SELECT from_id, to_id,
        CASE
            WHEN bool_or(action = 'link' AND association_type <> 'default') THEN 'create'
            WHEN bool_or(action = 'link') THEN 'default'
            WHEN bool_or(association_type = 'default') THEN 'archive'
            ELSE 'labels'
        END AS call
    FROM temp.main.differing
    GROUP BY from_id, to_id
),
singles AS (
    -- Types of which a record has one, and the pairs that get them.
    SELECT d.from_id, d.to_id, d.association_type, t.single
    FROM temp.main.differing d
    JOIN (SELECT DISTINCT association_type, single FROM temp.main.rollcall_link_types WHERE sync = $sync AND single <> '') t ON t.association_type = d.association_type
    WHERE d.action = 'link'
),
carried AS (
    SELECT from_id, to_id, association_type FROM temp.main.differing
    WHERE association_type <> 'default' AND (from_id, to_id, 'create') IN (SELECT (from_id, to_id, call) FROM pairs) AND action = 'link'
    UNION
    SELECT from_id, to_id, association_type FROM temp.main.differing
    WHERE association_type <> 'default' AND (from_id, to_id, 'labels') IN (SELECT (from_id, to_id, call) FROM pairs)
    UNION
    SELECT l.from_id, l.to_id, l.association_type
    FROM temp.main.rollcall_link_live l
    JOIN pairs p ON p.from_id = l.from_id AND p.to_id = l.to_id AND p.call = 'create'
    ANTI JOIN temp.main.differing d ON d.action = 'unlink' AND d.from_id = l.from_id AND d.to_id = l.to_id AND d.association_type = l.association_type
    ANTI JOIN (FROM singles WHERE single = 'from') f ON f.association_type = l.association_type AND f.from_id = l.from_id
    ANTI JOIN (FROM singles WHERE single = 'to') t ON t.association_type = l.association_type AND t.to_id = l.to_id
    WHERE l.association_type <> 'default'
),
lists AS (
    SELECT from_id, to_id, string_agg(association_type, ',' ORDER BY association_type) AS types FROM carried GROUP BY from_id, to_id
),
numbered AS (
    SELECT p.*, l.types,
        CASE p.call WHEN 'create' THEN 1 WHEN 'default' THEN 2 WHEN 'labels' THEN 3 ELSE 4 END AS rank,
        (row_number() OVER (PARTITION BY p.call ORDER BY p.from_id, p.to_id) - 1) // CASE p.call WHEN 'archive' THEN $archived::BIGINT ELSE $chunk::BIGINT END AS part
    FROM pairs p
    LEFT JOIN lists l ON l.from_id = p.from_id AND l.to_id = p.to_id
),
own AS (
    -- What the sync itself has left tells why a link differs.
    SELECT from_id, to_id, association_type, owner, key, label FROM temp.main.rollcall_link_known
),
labels AS (
    SELECT association_type, any_value(label) AS label
    FROM (
        SELECT association_type, label FROM temp.main.rollcall_link_types WHERE sync = $sync
        UNION ALL
        SELECT association_type, label FROM temp.main.rollcall_link_live
        UNION ALL
        SELECT c.association_type, coalesce(c.values -> 'label' ->> 0, c.values -> 'label' ->> 1) FROM rollcall.changes c WHERE c.run_id = $undoes::VARCHAR
    )
    WHERE label IS NOT NULL
    GROUP BY association_type
),
from_keys AS (
    SELECT from_id, min(from_key) AS key FROM temp.main.rollcall_link_wanted WHERE from_id IS NOT NULL GROUP BY from_id
),
to_keys AS (
    SELECT record_id, min(key) AS key FROM temp.main.rollcall_link_answers WHERE side = $to_side AND record_id IS NOT NULL GROUP BY record_id
),
undone AS (
    SELECT record_id, to_record_id, association_type, min(key) AS key, bool_or(cause IN ('foreign', 'undone_foreign')) AS is_foreign
    FROM rollcall.changes
    WHERE run_id = $undoes::VARCHAR
    GROUP BY ALL
)
SELECT
    dense_rank() OVER (ORDER BY n.rank, n.part) AS batch,
    row_number() OVER (ORDER BY n.rank, n.part, d.from_id, d.to_id, d.association_type) AS n,
    d.action,
    d.from_id AS record_id,
    coalesce(e.key, own.key, live.key, undone.key,
        coalesce(from_keys.key, CAST(d.from_id AS VARCHAR)) || ' → ' || coalesce(to_keys.key, CAST(d.to_id AS VARCHAR))) AS key,
    CASE
        WHEN $undoes::VARCHAR IS NOT NULL THEN CASE WHEN undone.is_foreign THEN 'undone_foreign' ELSE 'undone' END
        WHEN d.action = 'link' THEN CASE WHEN own.owner = $name THEN 'restored' ELSE 'entered' END
        WHEN live.owner = $name THEN 'left'
        ELSE 'foreign'
    END AS cause,
    CASE
        WHEN d.association_type = 'default' THEN NULL
        WHEN d.action = 'link' THEN json_object('label', json_array(NULL, labels.label))
        ELSE json_object('label', json_array(labels.label, NULL))
    END AS values,
    d.to_id AS to_record_id,
    d.association_type,
    n.call,
    n.types
FROM temp.main.differing d
JOIN numbered n ON n.from_id = d.from_id AND n.to_id = d.to_id
LEFT JOIN temp.main.rollcall_link_elements e ON e.from_id = d.from_id AND e.to_id = d.to_id AND e.association_type = d.association_type
LEFT JOIN own ON own.from_id = d.from_id AND own.to_id = d.to_id AND own.association_type = d.association_type
LEFT JOIN temp.main.rollcall_link_live live ON live.from_id = d.from_id AND live.to_id = d.to_id AND live.association_type = d.association_type
LEFT JOIN undone ON undone.record_id = d.from_id AND undone.to_record_id = d.to_id AND undone.association_type = d.association_type
LEFT JOIN labels ON labels.association_type = d.association_type
LEFT JOIN from_keys ON from_keys.from_id = d.from_id
LEFT JOIN to_keys ON to_keys.record_id = d.to_id
ORDER BY n;

-- name: ReadBatch
-- The changes of one batch, those of a pair together.
SELECT n, action, record_id, to_record_id, call, coalesce(types, '') AS types
FROM temp.main.plan
WHERE batch = $batch
ORDER BY n;

-- name: StageWanted
-- The records that the query asks for, one for each key whose rows are equal, with what is known of them. looked: HubSpot has just been asked. held: it waits for its next try. withheld: properties whose values belong to other syncs. differs: it was not asked, and the query asks for something else than what the record is known to be in step with. clash: the query returns another key of the record with other values. twin: it returns another key with the same values.
CREATE OR REPLACE TEMP TABLE rollcall_object_wanted AS
WITH single AS (
    -- By row number and without the values, which are joined last: what is grouped and compared is held in memory.
    SELECT key, min(rowid) AS row, min(hash::UUID) AS hash
    FROM temp.main.rollcall_object_rows
    WHERE sync = $sync
    GROUP BY key
    HAVING min(hash::UUID) = max(hash::UUID)
),
joined AS (
    SELECT
        s.key, s.row, s.hash, f.key IS NOT NULL AS looked, k.record_id IS NOT NULL AS known, k.hash AS known_hash,
        f.key IS NULL AND t.key IS NOT NULL AS held, k.withheld AS known_withheld, k.has_left,
        CASE WHEN f.key IS NULL THEN k.found_at END AS found_at,
        CASE WHEN f.key IS NULL THEN k.record_id ELSE f.record_id END AS record_id
    FROM single s
    LEFT JOIN temp.main.rollcall_object_found f ON f.sync = $sync AND f.key = s.key
    LEFT JOIN temp.main.rollcall_object_known k ON k.sync = $sync AND k.key = s.key
    LEFT JOIN (SELECT DISTINCT key FROM temp.main.rollcall_object_retries WHERE sync = $sync AND NOT due) t ON t.key = s.key
),
shared AS (
    SELECT record_id, min(key) AS first_key, min(hash) <> max(hash) AS clash FROM joined WHERE record_id IS NOT NULL GROUP BY record_id HAVING count(*) > 1
),
withheld AS (
    SELECT j.key, string_agg(o.property, ',' ORDER BY o.property) AS withheld
    FROM joined j
    JOIN temp.main.rollcall_object_owned o ON o.record_id = j.record_id
    JOIN temp.main.rollcall_object_rows r ON r.rowid = j.row
    WHERE o.value <> (r.values ->> o.property)
    GROUP BY j.key
)
SELECT
    j.key, r.hash, r.values, r.refused, j.looked, j.known, j.known_hash, j.held, j.known_withheld, j.has_left, j.found_at, j.record_id, o.withheld,
    NOT j.looked AND NOT j.held AND j.record_id IS NOT NULL AND (r.hash IS DISTINCT FROM j.known_hash OR o.withheld IS DISTINCT FROM j.known_withheld OR j.has_left) AS differs,
    coalesce(s.clash, false) AS clash,
    coalesce(j.key <> s.first_key, false) AS twin
FROM temp.main.rollcall_object_rows r
JOIN joined j ON j.row = r.rowid
LEFT JOIN withheld o ON o.key = j.key
LEFT JOIN shared s ON s.record_id = j.record_id;

-- name: StageDesired
-- The keys that can be used, each once.
CREATE TEMP TABLE desired AS
SELECT key
FROM temp.main.rollcall_object_wanted
WHERE NOT clash;

-- name: StageRejected
-- Keys and values that can't be used, each reason once.
-- Parameters: $sync INTEGER, $object_type_id VARCHAR, $no_record VARCHAR (why a key without a record can't be used; NULL: it is created).
CREATE TEMP TABLE rejected AS
WITH refused AS (
    SELECT key, reason, detail FROM temp.main.rollcall_object_rejects WHERE sync = $sync
    UNION ALL
    SELECT key, 'duplicate_key', 'the query returns it ' || count(*) || ' times, with unequal values'
    FROM temp.main.rollcall_object_rows WHERE sync = $sync GROUP BY key HAVING min(hash) <> max(hash)
    UNION ALL
    SELECT key, 'same_record', 'the query returns another key of the same record, with other values'
    FROM temp.main.rollcall_object_wanted WHERE clash
    UNION ALL
    SELECT key, 'not_found', $no_record::VARCHAR
    FROM temp.main.rollcall_object_wanted WHERE record_id IS NULL AND $no_record::VARCHAR IS NOT NULL
    UNION ALL
    SELECT w.key, 'not_taken', 'the property ' || a.property || ': HubSpot keeps another value than the one that was sent'
    FROM temp.main.rollcall_object_asked a
    JOIN temp.main.rollcall_object_wanted w ON w.record_id = a.record_id
    WHERE a.object_type_id = $object_type_id AND NOT w.clash AND (w.values ->> a.property) = a.asked
    UNION ALL
    SELECT w.key, 'owned_by', 'the property ' || o.property || ' belongs to the sync ' || o.sync || ', which wrote it last and still asks for another value: leave the column out of one of the two queries'
    FROM temp.main.rollcall_object_owned o
    JOIN temp.main.rollcall_object_wanted w ON w.record_id = o.record_id
    WHERE NOT w.clash AND o.value <> (w.values ->> o.property)
    UNION ALL
    SELECT key, reason, detail
    FROM temp.main.rollcall_object_retries
    WHERE sync = $sync AND reason = 'refused'
      AND (NOT leaving OR key IN (SELECT key FROM temp.main.rollcall_object_left WHERE record_id NOT IN (SELECT record_id FROM temp.main.rollcall_object_wanted WHERE record_id IS NOT NULL)))
)
SELECT key, reason, string_agg(DISTINCT detail, '; ' ORDER BY detail) AS detail
FROM refused
GROUP BY key, reason
ORDER BY key, reason;

-- name: StageResolved
-- Desired keys with their record IDs.
CREATE OR REPLACE TEMP TABLE resolved AS
SELECT key, record_id, NOT looked AS cached
FROM temp.main.rollcall_object_wanted
WHERE record_id IS NOT NULL AND NOT clash;

-- name: StageUnmatched
-- Desired keys that HubSpot has no record for.
CREATE OR REPLACE TEMP TABLE unmatched AS
SELECT key
FROM temp.main.rollcall_object_wanted
WHERE record_id IS NULL;

-- name: StageApplied
-- The records that the sync keeps in step.
CREATE TEMP TABLE applied AS
SELECT record_id, key
FROM temp.main.rollcall_object_known
WHERE sync = $sync AND NOT has_left;

-- name: CountStaged
-- How many keys are desired and rejected, resolved, unmatched? How many records are they, of how many has the ledger something to take, and of how many does it have to tell what HubSpot has?
SELECT
    (SELECT count(*) FROM temp.main.desired) AS desired,
    (SELECT count(DISTINCT key) FROM temp.main.rejected WHERE key NOT IN (SELECT key FROM temp.main.desired UNION ALL SELECT key FROM temp.main.rollcall_object_left)) AS invalid,
    (SELECT count(*) FROM temp.main.resolved) AS resolved,
    (SELECT count(*) FROM temp.main.unmatched) AS unmatched,
    (SELECT count(DISTINCT record_id) FROM temp.main.resolved) AS records,
    (SELECT count(*) FROM temp.main.rollcall_object_wanted WHERE CASE WHEN clash THEN known ELSE looked AND (record_id IS NOT NULL OR known) OR differs END) AS due,
    (SELECT count(*) FROM temp.main.rollcall_object_wanted WHERE NOT clash AND differs) AS differing,
    (SELECT count(*) FROM temp.main.rollcall_object_left WHERE NOT held) AS gone,
    (SELECT count(DISTINCT record_id) FROM temp.main.applied) AS kept;

-- name: StageCurrent
-- The values of the records that were looked up. agreed: it is the one that the query asks for.
-- Parameters: $sync INTEGER, $properties VARCHAR[] (those of the query's columns).
CREATE TEMP TABLE current AS
SELECT l.record_id, p.property, l.values ->> p.property AS value, coalesce((l.values ->> p.property) = (w.values ->> p.property), false) AS agreed
FROM (
    SELECT record_id, values
    FROM temp.main.rollcall_object_found
    WHERE rowid IN (SELECT min(rowid) FROM temp.main.rollcall_object_found WHERE sync = $sync AND record_id IS NOT NULL GROUP BY record_id)
) l
LEFT JOIN temp.main.rollcall_object_wanted w ON w.record_id = l.record_id AND NOT w.clash AND NOT w.twin
CROSS JOIN (SELECT unnest($properties::VARCHAR[]) AS property) p;

-- name: AddCurrent
-- The values of the records that were not looked up and may differ, as they are last known.
-- Parameters: $object_type_id VARCHAR, $properties VARCHAR[] (those of the query's columns).
INSERT INTO temp.main.current
SELECT v.record_id, v.property, v.value, false
FROM rollcall.record_values v
SEMI JOIN (SELECT record_id FROM temp.main.rollcall_object_wanted WHERE NOT clash AND differs) w ON w.record_id = v.record_id
ANTI JOIN temp.main.current c ON c.record_id = v.record_id AND c.property = v.property
WHERE v.object_type_id = $object_type_id AND list_contains($properties::VARCHAR[], v.property);

-- name: StageDiffering
-- Which values differ? Not those that HubSpot has been sent already and does not keep, unless they are sent again, and not those that belong to other syncs. Only records of which they are not the same as a whole are compared value by value.
-- Parameters: $sync INTEGER, $object_type_id VARCHAR, $keep BOOLEAN (nor values that others wrote before the sync came, or have changed or cleared since).
CREATE TEMP TABLE differing AS
SELECT w.key, w.record_id, w.property, c.value AS before, nullif(w.value, '') AS after
FROM (
    SELECT key, record_id, asked.key AS property, asked.value AS value
    FROM (
        SELECT k.key, k.record_id, unnest(map_entries(from_json(k.values, '"MAP(VARCHAR,VARCHAR)"'))) AS asked
        FROM temp.main.rollcall_object_wanted k
        LEFT JOIN temp.main.rollcall_object_found f ON f.sync = $sync AND f.key = k.key
        WHERE k.record_id IS NOT NULL AND NOT k.clash AND NOT k.twin AND (k.looked OR k.differs) AND f.values IS DISTINCT FROM k.values
    )
) w
JOIN temp.main.current c ON c.record_id = w.record_id AND c.property = w.property
ANTI JOIN temp.main.rollcall_object_asked a
    ON NOT a.retry AND a.object_type_id = $object_type_id AND a.record_id = w.record_id AND a.property = w.property AND a.asked = w.value AND a.value IS NOT DISTINCT FROM c.value
LEFT JOIN (SELECT record_id, property, value, is_foreign FROM rollcall.record_values WHERE object_type_id = $object_type_id AND $keep::BOOLEAN) v
    ON v.record_id = w.record_id AND v.property = w.property
ANTI JOIN temp.main.rollcall_object_owned o ON o.record_id = w.record_id AND o.property = w.property AND o.value <> w.value
WHERE coalesce(c.value, '') <> coalesce(w.value, '')
  AND NOT ($keep::BOOLEAN AND CASE WHEN v.record_id IS NULL THEN c.value IS NOT NULL ELSE v.value IS DISTINCT FROM c.value OR coalesce(v.is_foreign, false) END);

-- name: StageReconciled
-- What is the outcome of the sync's changes whose answer was lost? As the journal says, or else as HubSpot shows: the record that has the key, or of a record that leaves, the one with the ID.
CREATE OR REPLACE TEMP TABLE rollcall_reconciled AS
SELECT
    run_id, n, sync, action, record_id, key, cause, told,
    coalesce(told, CASE WHEN shown THEN 'done' ELSE 'failed' END) AS state,
    CASE
        WHEN told IS NOT NULL THEN reason
        WHEN shown THEN 'the answer was lost; HubSpot shows the change'
        ELSE 'the answer was lost; HubSpot does not show the change'
    END AS reason
FROM (
    SELECT u.run_id, u.n, u.sync, u.action, coalesce(u.record_id, h.record_id) AS record_id, u.key, u.cause, u.told, u.reason,
        CASE u.action
            WHEN 'create' THEN h.record_id IS NOT NULL
            WHEN 'archive' THEN h.record_id IS DISTINCT FROM u.record_id
            ELSE h.record_id IS NOT NULL AND len(list_filter(json_keys(u.values), lambda p: (h.values ->> p) IS DISTINCT FROM ((u.values -> p) ->> 1))) = 0
        END AS shown
    FROM temp.main.rollcall_pending_unknown u
    JOIN (
        SELECT p.run_id, p.n, f.record_id, f.values
        FROM temp.main.rollcall_pending_unknown p
        JOIN temp.main.rollcall_object_found f ON f.sync = $sync AND f.key = p.key
        WHERE p.cause IS DISTINCT FROM 'left'
        UNION ALL
        SELECT p.run_id, p.n, l.live_id, l.values
        FROM temp.main.rollcall_pending_unknown p
        LEFT JOIN temp.main.rollcall_object_live l ON l.record_id = p.record_id
        WHERE p.cause = 'left'
    ) h ON h.run_id = u.run_id AND h.n = u.n
    WHERE u.sync = $name AND u.target = $target
);

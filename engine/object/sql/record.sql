-- name: StageRows
-- The rows of every sync's query, one for each usable key as often as it comes: values is JSON, {property: value as HubSpot stores it}, where "" clears the property. refused is a JSON list of the properties whose values HubSpot would refuse.
CREATE TEMP TABLE rollcall_object_rows (sync INTEGER, key VARCHAR, hash VARCHAR, values VARCHAR, refused VARCHAR);

-- name: StageValueRejects
-- Keys that can't be used, and values that HubSpot would refuse.
CREATE TEMP TABLE rollcall_object_rejects (sync INTEGER, key VARCHAR, reason VARCHAR, detail VARCHAR);

-- name: StageFound
-- What HubSpot has answered about keys: record_id is NULL where it has no such record, values is JSON of the properties that have a value, merged JSON of the IDs of records that were merged into it; NULL: none.
CREATE TEMP TABLE rollcall_object_found (sync INTEGER, key VARCHAR, record_id BIGINT, values VARCHAR, merged VARCHAR);

-- name: PageQueryRows
-- A page of what the analyst's query returned.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT *
FROM temp.main.query_rows
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: StageRound
-- The syncs that continue, by number, and which rows of the control tables are theirs; filled by the program. leaving is what stands in place of the hash of values with rejects of records that leave; NULL: they stay as they are.
CREATE OR REPLACE TEMP TABLE rollcall_object_round (sync INTEGER, name VARCHAR, object_type_id VARCHAR, id_property VARCHAR, target VARCHAR, leaving VARCHAR);

-- name: LoadKnown
-- What is known of the records of the syncs' keys. moved: the key is the record's ID, because the record has lost the key by which the sync kept it.
CREATE OR REPLACE TEMP TABLE rollcall_object_known AS
SELECT r.sync, k.key, k.record_id, k.values_hash AS hash, k.withheld, k.found_at, k.left_by IS NOT NULL AS has_left, k.created_by IS NOT NULL AS created, k.id_property <> r.id_property AS moved
FROM rollcall.records k
JOIN temp.main.rollcall_object_round r ON r.name = k.sync AND r.object_type_id = k.object_type_id AND k.id_property IN (r.id_property, 'hs_object_id');

-- name: LoadAsked
-- Values that HubSpot has been sent and does not keep. retry: they are sent again.
CREATE OR REPLACE TEMP TABLE rollcall_object_asked AS
SELECT object_type_id, record_id, property, value, asked, $retry::BOOLEAN AS retry
FROM rollcall.record_values
WHERE asked IS NOT NULL AND object_type_id IN (SELECT object_type_id FROM temp.main.rollcall_object_round);

-- name: StageQuestions
-- Keys to be looked up: of whose record nothing is known, or nothing recent, or not what HubSpot has of a property that is to be compared, unless they wait for their next try; keys of values that are sent again; and keys of changes whose answer was lost, but those of records that leave, which are read by their IDs.
-- Parameters: $since TIMESTAMPTZ (what was found before is too old).
CREATE OR REPLACE TEMP TABLE rollcall_object_questions AS
WITH fresh AS (
    SELECT k.sync, k.key, k.record_id, k.hash
    FROM temp.main.rollcall_object_known k
    JOIN temp.main.rollcall_object_round r ON r.sync = k.sync
    ANTI JOIN temp.main.rollcall_object_asked a ON a.retry AND a.object_type_id = r.object_type_id AND a.record_id = k.record_id
    WHERE k.found_at >= $since::TIMESTAMPTZ AND NOT k.moved
),
differing AS (
    SELECT w.sync, w.key, r.object_type_id, f.record_id, unnest(json_keys(w.values)) AS property
    FROM temp.main.rollcall_object_rows w
    JOIN fresh f ON f.sync = w.sync AND f.key = w.key
    JOIN temp.main.rollcall_object_round r ON r.sync = w.sync
    WHERE f.hash IS DISTINCT FROM w.hash
),
unknown AS (
    SELECT w.sync, w.key
    FROM temp.main.rollcall_object_rows w
    SEMI JOIN temp.main.rollcall_object_round r ON r.sync = w.sync
    ANTI JOIN fresh f ON f.sync = w.sync AND f.key = w.key
    UNION
    SELECT d.sync, d.key
    FROM differing d
    ANTI JOIN rollcall.record_values v ON v.object_type_id = d.object_type_id AND v.record_id = d.record_id AND v.property = d.property
)
SELECT u.sync, u.key
FROM unknown u
ANTI JOIN temp.main.rollcall_object_retries t ON t.sync = u.sync AND t.key = u.key AND NOT t.due AND NOT t.leaving
UNION
SELECT r.sync, u.key
FROM temp.main.rollcall_pending_unknown u
JOIN temp.main.rollcall_object_round r ON r.name = u.sync AND r.target = u.target
WHERE u.key IS NOT NULL AND u.cause IS DISTINCT FROM 'left';

-- name: ReadQuestions
-- The keys to be looked up for a sync.
SELECT key
FROM temp.main.rollcall_object_questions
WHERE sync = $sync
ORDER BY key;

-- name: ReadUnread
-- The keys that were not looked up and whose records may differ from what the query asks for.
SELECT key
FROM temp.main.rollcall_object_wanted
WHERE differs
ORDER BY key;

-- name: ReadPendingProperties
-- Which properties have the sync's changes whose answer was lost?
SELECT DISTINCT unnest(json_keys(values)) AS property
FROM temp.main.rollcall_pending_unknown
WHERE sync = $name AND target = $target AND values IS NOT NULL;

-- name: ForgetFound
-- What was looked up is out of date.
DELETE FROM temp.main.rollcall_object_found
WHERE sync = $sync;

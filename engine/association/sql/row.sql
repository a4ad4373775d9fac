-- name: StageRows
-- The rows of every sync's query that have usable keys, as often as they come. label is '' for the link without one.
CREATE TEMP TABLE rollcall_link_rows (sync INTEGER, from_key VARCHAR, to_key VARCHAR, label VARCHAR);

-- name: StageKeyRejects
-- Rows whose keys can't be used.
CREATE TEMP TABLE rollcall_link_rejects (sync INTEGER, key VARCHAR, reason VARCHAR, detail VARCHAR);

-- name: PageLinks
-- A page of what the analyst's query returned, where it has no column label.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT "the key", CAST(to_key AS VARCHAR) AS to_key, NULL::VARCHAR AS label
FROM temp.main.query_rows
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: PageLabelledLinks
-- A page of what the analyst's query returned, where it has a column label.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT "the key", CAST(to_key AS VARCHAR) AS to_key, CAST(label AS VARCHAR) AS label
FROM temp.main.query_rows
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: AskKeys
-- Keys of both sides are looked up as those of two syncs, whose numbers are negative: no other kind has such.
INSERT INTO temp.main.rollcall_keys (sync, key)
SELECT DISTINCT 1 - 2 * sync, from_key FROM temp.main.rollcall_link_rows
UNION ALL
SELECT DISTINCT - 2 * sync, to_key FROM temp.main.rollcall_link_rows;

-- name: StageAnswers
-- What was found of the keys, by the number of their side: the record ID, NULL where HubSpot has none, or the number of the error of the look-up.
CREATE OR REPLACE TEMP TABLE rollcall_link_answers AS
SELECT k.sync AS side, k.key, a.record_id, coalesce(a.lookup_error, 0) AS lookup_error
FROM temp.main.rollcall_keys k
JOIN temp.main.rollcall_round r ON r.sync = k.sync
JOIN temp.main.rollcall_answers a ON a.object_type_id = r.object_type_id AND a.id_property = r.id_property AND a.key = k.key
WHERE k.sync < 0;

-- name: ForgetKeys
-- The keys of associations are looked up.
DELETE FROM temp.main.rollcall_keys
WHERE sync < 0;

-- name: FindLookupError
-- What is the number of the first error of looking up the sync's keys? 0: none.
SELECT coalesce(min(lookup_error) FILTER (lookup_error > 0), 0) AS lookup_error
FROM temp.main.rollcall_link_answers
WHERE side IN (1 - 2 * $sync::INTEGER, - 2 * $sync::INTEGER);

-- name: ReadLabels
-- Which labels does the sync's query return?
SELECT DISTINCT label
FROM temp.main.rollcall_link_rows
WHERE sync = $sync AND label <> ''
ORDER BY label;

-- name: StageLabels
-- What the labels of every sync's query mean: an association type, whose side is from where a record has it to one other at most, to where that holds of the other direction; or why it can't be used; filled by the program.
CREATE TEMP TABLE rollcall_link_types (sync INTEGER, asked VARCHAR, association_type VARCHAR, label VARCHAR, single VARCHAR, reason VARCHAR, detail VARCHAR);

-- name: ForgetTypes
-- What the labels of the sync's query meant is out of date.
DELETE FROM temp.main.rollcall_link_types
WHERE sync = $sync;

-- name: ReadCachedLabels
-- The labels that are cached between two object types.
-- Parameters: $target VARCHAR; $since TIMESTAMPTZ (older ones are not read).
SELECT association_type, coalesce(label, '') AS label
FROM rollcall.link_labels
WHERE target = $target AND read_at >= $since::TIMESTAMPTZ
ORDER BY association_type;

-- name: DeleteCachedLabels
-- Labels that were read again.
DELETE FROM rollcall.link_labels
WHERE target = $target;

-- name: CacheLabels
-- Labels that were read.
-- Parameters: $target VARCHAR; $labels VARCHAR (JSON); $now TIMESTAMPTZ.
INSERT INTO rollcall.link_labels (target, association_type, label, read_at)
SELECT $target, l.type, nullif(l.label, ''), $now
FROM (SELECT unnest(from_json($labels::JSON, '[{"type":"VARCHAR","label":"VARCHAR"}]'), recursive := true)) l;

-- name: ReadUnknownLabels
-- Why can't labels of the sync's query be used?
SELECT detail
FROM temp.main.rollcall_link_types
WHERE sync = $sync AND reason IS NOT NULL
ORDER BY asked;

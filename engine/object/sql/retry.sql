-- name: StageRetries
-- Keys that were refused, or had no record, and for which the query has the same values as then; and leaving, keys of records that HubSpot refused to clear or archive, which the row still asks for. due: they are tried again now.
-- Parameters: $until TIMESTAMPTZ (what is to be tried again by then is due), $full BOOLEAN (every key is looked up).
CREATE OR REPLACE TEMP TABLE rollcall_object_retries AS
SELECT r.sync, j.key, j.reason, j.detail, j.retry_at, j.retry_at <= $until::TIMESTAMPTZ OR j.reason = 'not_found' AND $full::BOOLEAN AS due, false AS leaving
FROM rollcall.rejects j
JOIN temp.main.rollcall_object_round r ON r.name = j.sync
SEMI JOIN temp.main.rollcall_object_rows w ON w.sync = r.sync AND w.key = j.key AND w.hash = j.values_hash
WHERE j.until_run IS NULL AND j.reason IN ('refused', 'not_found') AND j.retry_at IS NOT NULL
UNION ALL
SELECT r.sync, j.key, j.reason, j.detail, j.retry_at, j.retry_at <= $until::TIMESTAMPTZ, true
FROM rollcall.rejects j
JOIN temp.main.rollcall_object_round r ON r.name = j.sync AND r.leaving = j.values_hash
WHERE j.until_run IS NULL AND j.reason = 'refused' AND j.retry_at IS NOT NULL;

-- name: DropSettled
-- Refused keys that are no rejects any more, because HubSpot has their values by now.
DELETE FROM temp.main.rejected
WHERE reason = 'refused'
  AND key IN (SELECT key FROM temp.main.rollcall_object_retries WHERE sync = $sync AND due)
  AND key NOT IN (SELECT key FROM temp.main.plan);

-- name: CountHeld
-- How many keys that HubSpot refused wait for their next try, how many records of the query are they, and when is the first of them tried? How many are tried now?
SELECT
    count(*) FILTER (k.held) AS held,
    count(DISTINCT k.record_id) FILTER (k.held AND NOT k.leaving) AS records,
    min(t.retry_at) FILTER (k.held) AS next,
    count(*) FILTER (NOT k.held) AS retried
FROM temp.main.rollcall_object_retries t
JOIN (
    SELECT key, record_id, held, false AS leaving FROM temp.main.rollcall_object_wanted
    UNION ALL
    SELECT key, record_id, held, true FROM temp.main.rollcall_object_left
) k ON k.key = t.key AND k.leaving = t.leaving
WHERE t.sync = $sync AND t.reason = 'refused';

-- name: StageTried
-- Rejects that were tried once more: changes that HubSpot refused, keys that were looked up and have no record, values that were held against HubSpot's definitions.
-- Parameters: $leaving VARCHAR (stands in place of the hash for records that leave), $denials VARCHAR (JSON: n of the change, detail), $unmatched BOOLEAN, $sync INTEGER, $values BOOLEAN (were keys and values tried?).
CREATE OR REPLACE TEMP TABLE rollcall_tried AS
SELECT p.key, 'refused' AS reason, CASE WHEN p.cause = 'left' THEN $leaving::VARCHAR ELSE w.hash END AS values_hash, d.detail
FROM (SELECT unnest(from_json($denials::JSON, '[{"n":"BIGINT","detail":"VARCHAR"}]'), recursive := true)) d
JOIN temp.main.plan p ON p.n = d.n
LEFT JOIN temp.main.rollcall_object_wanted w ON w.key = p.key
WHERE p.cause <> 'undone'
UNION ALL
SELECT key, 'not_found', hash, NULL
FROM temp.main.rollcall_object_wanted
WHERE looked AND record_id IS NULL AND $unmatched::BOOLEAN
UNION ALL
SELECT w.key, j.reason, w.hash, string_agg(DISTINCT j.detail, '; ' ORDER BY j.detail)
FROM temp.main.rollcall_object_rejects j
JOIN temp.main.rollcall_object_wanted w ON w.key = j.key
WHERE j.sync = $sync AND $values::BOOLEAN
GROUP BY w.key, j.reason, w.hash;

-- name: StageRefused
-- Pairs of which HubSpot has refused the very changes that differ now. due: they are tried again.
-- Parameters: $name, $target VARCHAR; $undoes VARCHAR (undoing a run waits for nothing); $until TIMESTAMPTZ (what is to be tried again by then is due).
CREATE OR REPLACE TEMP TABLE rollcall_link_refused AS
WITH refused AS (
    SELECT key, detail, retry_at, values_hash
    FROM rollcall.rejects
    WHERE sync = $name AND reason = 'refused' AND until_run IS NULL AND retry_at IS NOT NULL AND $undoes::VARCHAR IS NULL
),
pairs AS (
    -- The hash is that of StageTried.
    SELECT from_id, to_id, md5(concat_ws(' ', $target::VARCHAR, from_id, to_id, string_agg(action || ' ' || association_type, ',' ORDER BY action, association_type))) AS hash
    FROM temp.main.differing
    WHERE (SELECT count(*) FROM refused) > 0
    GROUP BY from_id, to_id
)
SELECT p.from_id, p.to_id, r.key, r.detail, r.retry_at, r.retry_at <= $until::TIMESTAMPTZ AS due
FROM pairs p
JOIN refused r ON r.values_hash = p.hash;

-- name: LeaveHeld
-- What is not due stays as it is.
DELETE FROM temp.main.differing
WHERE (from_id, to_id) IN (SELECT (from_id, to_id) FROM temp.main.rollcall_link_refused WHERE NOT due);

-- name: RejectRefused
-- Pairs whose changes HubSpot has refused stay rejects while they differ.
INSERT INTO temp.main.rejected
SELECT key, 'refused', min(detail)
FROM temp.main.rollcall_link_refused
GROUP BY key;

-- name: CountHeld
-- How many pairs wait for their next try, and when is the first of them tried? How many are tried now?
SELECT count(*) FILTER (NOT due) AS held, min(retry_at) FILTER (NOT due) AS next, count(*) FILTER (due) AS retried
FROM temp.main.rollcall_link_refused;

-- name: StageTried
-- Pairs whose changes HubSpot has just refused, for the ledger. Those that undo a run are not tried again.
-- Parameters: $target VARCHAR; $denials VARCHAR (JSON: n of a change, detail).
CREATE OR REPLACE TEMP TABLE rollcall_tried AS
WITH denied AS (
    SELECT p.record_id, p.to_record_id, min(d.detail) AS detail
    FROM (SELECT unnest(from_json($denials::JSON, '[{"n":"BIGINT","detail":"VARCHAR"}]'), recursive := true)) d
    JOIN temp.main.plan p ON p.n = d.n
    WHERE p.cause NOT IN ('undone', 'undone_foreign')
    GROUP BY p.record_id, p.to_record_id
)
SELECT min(p.key) AS key, 'refused' AS reason, min(d.detail) AS detail,
    md5(concat_ws(' ', $target::VARCHAR, p.record_id, p.to_record_id, string_agg(p.action || ' ' || p.association_type, ',' ORDER BY p.action, p.association_type))) AS values_hash
FROM temp.main.plan p
JOIN denied d ON d.record_id = p.record_id AND d.to_record_id = p.to_record_id
GROUP BY p.record_id, p.to_record_id;

-- name: CountUnread
-- How many records are to be read?
SELECT count(*) AS unread
FROM temp.main.rollcall_unread;

-- name: PageUnread
-- A page of the records to be read.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT CAST(record_id AS VARCHAR) AS record_id
FROM temp.main.rollcall_unread
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: StageRecords
-- The records to be removed as HubSpot has them now: one row a key, one a record that was merged into it, and one with neither for every record that was read; filled by the program.
CREATE OR REPLACE TEMP TABLE rollcall_records (record_id BIGINT, key VARCHAR, is_primary BOOLEAN, merged_id BIGINT);

-- name: CountContradicted
-- How many cached answers about desired keys do the records contradict?
SELECT count(*) AS contradicted
FROM temp.main.rollcall_records r
JOIN temp.main.desired d ON d.key = r.key
JOIN temp.main.rollcall_answers a ON a.key = r.key
WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property AND a.cached AND a.record_id IS DISTINCT FROM r.record_id;

-- name: DeleteContradicted
-- Delete cached answers about keys that a record was read with.
DELETE FROM temp.main.rollcall_answers
WHERE object_type_id = $object_type_id AND id_property = $id_property AND cached
  AND key IN (SELECT key FROM temp.main.rollcall_records WHERE key IS NOT NULL);

-- name: StoreKeys
-- Insert the keys of the records as answers, except where HubSpot was asked about the key itself.
INSERT INTO temp.main.rollcall_answers
SELECT $object_type_id, $id_property, r.key, min(r.record_id), false, NULL, NULL
FROM temp.main.rollcall_records r
ANTI JOIN (
    SELECT key FROM temp.main.rollcall_answers WHERE object_type_id = $object_type_id AND id_property = $id_property
) a ON a.key = r.key
WHERE r.key IS NOT NULL
GROUP BY r.key;

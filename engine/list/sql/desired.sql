-- name: PageQueryKeys
-- A page of what the analyst's query returned.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT key, too_long
FROM temp.main.query_keys
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: StageDesired
-- Who belongs on the list: each key once.
CREATE TEMP TABLE desired AS
SELECT DISTINCT key
FROM temp.main.rollcall_keys
WHERE sync = $sync AND reason IS NULL;

-- name: StageRejects
-- Keys that cannot be used, each once for each reason.
CREATE TEMP TABLE rejected AS
SELECT key, reason, min(detail) AS detail
FROM temp.main.rollcall_keys
WHERE sync = $sync AND reason IS NOT NULL
GROUP BY key, reason
ORDER BY key, reason;

-- name: CountDesired
-- How many keys are desired, and how many were rejected?
SELECT
    (SELECT count(*) FROM temp.main.desired) AS desired,
    (SELECT count(*) FROM temp.main.rejected) AS rejected;

-- name: RejectUnmatched
-- Keys without a record are rejected too.
INSERT INTO temp.main.rejected
SELECT key, 'not_found', $detail
FROM temp.main.unmatched
ORDER BY key;

-- name: PageKeys
-- A page of the desired keys.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT key
FROM temp.main.desired
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

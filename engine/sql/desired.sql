-- name: StageKeys
-- The keys of every sync after normalising, one row for each that is not blank; a key with a reason cannot be used.
CREATE TEMP TABLE rollcall_keys (sync INTEGER, key VARCHAR, reason VARCHAR, detail VARCHAR);

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

-- name: DropSets
-- One sync's sets make room for the next one's.
DROP TABLE IF EXISTS temp.main.desired;
DROP TABLE IF EXISTS temp.main.rejected;
DROP TABLE IF EXISTS temp.main.resolved;
DROP TABLE IF EXISTS temp.main.unmatched;
DROP TABLE IF EXISTS temp.main.current;
DROP TABLE IF EXISTS temp.main.applied;
DROP TABLE IF EXISTS temp.main.differing;
DROP TABLE IF EXISTS temp.main.plan;
DROP TABLE IF EXISTS temp.main.outcomes;

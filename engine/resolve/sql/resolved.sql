-- name: FindLookupError
-- What is the number of the first lookup error of this sync's keys? 0: none.
SELECT coalesce(min(a.lookup_error), 0) AS lookup_error
FROM temp.main.rollcall_answers a
SEMI JOIN temp.main.desired d ON d.key = a.key
WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property;

-- name: StageResolved
-- Desired keys with their record IDs.
CREATE OR REPLACE TEMP TABLE resolved AS
SELECT d.key, a.record_id, a.cached
FROM temp.main.desired d
JOIN temp.main.rollcall_answers a ON a.key = d.key
WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property AND a.record_id IS NOT NULL AND a.lookup_error IS NULL;

-- name: StageResolvedIDs
-- Where the keys are record IDs there is nothing to ask.
CREATE OR REPLACE TEMP TABLE resolved AS
SELECT key, CAST(key AS BIGINT) AS record_id, false AS cached
FROM temp.main.desired;

-- name: StageUnmatched
-- Desired keys that HubSpot said it has no record for.
CREATE OR REPLACE TEMP TABLE unmatched AS
SELECT d.key
FROM temp.main.desired d
JOIN temp.main.rollcall_answers a ON a.key = d.key
WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property AND a.record_id IS NULL AND a.lookup_error IS NULL;

-- name: AccountResolved
-- Does every desired key have exactly one answer? surplus: answers to keys that were not asked, or asked and answered twice.
WITH answers AS (
    SELECT key FROM temp.main.resolved
    UNION ALL
    SELECT key FROM temp.main.unmatched
),
unanswered AS (
    SELECT key FROM temp.main.desired
    EXCEPT
    SELECT key FROM answers
)
SELECT
    (SELECT count(*) FROM temp.main.resolved) AS resolved,
    (SELECT count(*) FROM temp.main.unmatched) AS unmatched,
    (SELECT count(*) FROM unanswered) AS unanswered,
    (SELECT count(*) FROM answers) - (SELECT count(*) FROM temp.main.desired) + (SELECT count(*) FROM unanswered) AS surplus;

-- name: CountWanted
-- How many records do the resolved keys belong to? Two addresses of one contact are one.
SELECT count(DISTINCT record_id) AS records
FROM temp.main.resolved;

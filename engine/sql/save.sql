-- name: MakeSavedPlan
-- The tables of a saved plan, in a database of their own.
CREATE TABLE about (sync VARCHAR, list_id VARCHAR, list_name VARCHAR, plan_hash VARCHAR, planned_at TIMESTAMPTZ, n_to_add BIGINT, n_to_remove BIGINT);
CREATE TABLE desired (key VARCHAR);
CREATE TABLE resolved (key VARCHAR, record_id BIGINT);
CREATE TABLE current (record_id BIGINT);
CREATE TABLE applied (record_id BIGINT, key VARCHAR);
CREATE TABLE plan (batch BIGINT, n BIGINT, action VARCHAR, record_id BIGINT, key VARCHAR, cause VARCHAR);
CREATE TABLE rejected (key VARCHAR, reason VARCHAR, detail VARCHAR);

-- name: SaveAbout
-- What plan is it?
INSERT INTO about (sync, list_id, list_name, plan_hash, planned_at, n_to_add, n_to_remove)
VALUES ($sync, $list_id, $list_name, $plan_hash, $planned_at, $n_to_add, $n_to_remove);

-- name: MeasureDesired
-- How many rows has the temp table desired, and how many bytes have the texts of the longest?
SELECT count(*) AS n_rows, coalesce(max(strlen(key)), 0) AS longest
FROM temp.main.desired;

-- name: PageDesired
-- A page of the temp table desired.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT key
FROM temp.main.desired
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: MeasureResolved
-- How many rows has the temp table resolved, and how many bytes have the texts of the longest?
SELECT count(*) AS n_rows, coalesce(max(strlen(key)), 0) AS longest
FROM temp.main.resolved;

-- name: PageResolved
-- A page of the temp table resolved.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT key, record_id
FROM temp.main.resolved
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: MeasureCurrent
-- How many rows has the temp table current? They have no texts.
SELECT count(*) AS n_rows, 0 AS longest
FROM temp.main.current;

-- name: PageCurrent
-- A page of the temp table current.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT record_id
FROM temp.main.current
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: MeasureApplied
-- How many rows has the temp table applied, and how many bytes have the texts of the longest?
SELECT count(*) AS n_rows, coalesce(max(strlen(key)), 0) AS longest
FROM temp.main.applied;

-- name: PageApplied
-- A page of the temp table applied.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT record_id, key
FROM temp.main.applied
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: MeasurePlan
-- How many rows has the temp table plan, and how many bytes have the texts of the longest?
SELECT count(*) AS n_rows, coalesce(max(strlen(concat(action, key, cause))), 0) AS longest
FROM temp.main.plan;

-- name: PagePlan
-- A page of the temp table plan.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT batch, n, action, record_id, key, cause
FROM temp.main.plan
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: MeasureRejected
-- How many rows has the temp table rejected, and how many bytes have the texts of the longest?
SELECT count(*) AS n_rows, coalesce(max(strlen(concat(key, reason, detail))), 0) AS longest
FROM temp.main.rejected;

-- name: PageRejected
-- A page of the temp table rejected.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT key, reason, detail
FROM temp.main.rejected
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

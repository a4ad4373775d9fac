-- name: BeginReadOnly
-- Opens the transaction in which nothing but temp tables can be written.
BEGIN TRANSACTION READ ONLY;

-- name: DropKeys
-- A second staging on one connection starts clean.
DROP TABLE IF EXISTS temp.main.query_keys;

-- name: StageKeys
-- The keys that a checked query returns, as text, each as often as it comes; of a text too long for a key the beginning, and its length.
-- Parameters: $query VARCHAR, $column VARCHAR: the key column's name as the query gives it, $longest BIGINT characters, $kept BIGINT characters.
CREATE TEMP TABLE query_keys AS
SELECT
  CASE
    WHEN system.main.length(key) <= CAST($longest AS BIGINT) THEN key
    WHEN system.main.length(system.main.trim(key)) <= CAST($longest AS BIGINT) THEN system.main.trim(key)
    ELSE system.main.substr(system.main.trim(key), 1, CAST($kept AS BIGINT))
  END AS key,
  CASE WHEN system.main.length(system.main.trim(key)) > CAST($longest AS BIGINT) THEN system.main.length(system.main.trim(key)) END AS too_long
FROM (
  SELECT CAST(COLUMNS(c -> c = $column) AS VARCHAR) AS key
  FROM system.main.query($query)
);

-- name: CountKeys
-- How many keys are staged, and how many bytes the longest has.
SELECT system.main.count(key) + system.main.count(*) FILTER (WHERE key IS NULL), coalesce(system.main.max(system.main.strlen(key)), 0) FROM temp.main.query_keys;

-- name: DropRows
-- A second staging on one connection starts clean.
DROP TABLE IF EXISTS temp.main.query_rows;

-- name: StageRows
-- All that a checked query returns, with the key column, as text, first.
-- Parameters: $query VARCHAR, $column VARCHAR: the key column's name as the query gives it.
CREATE TEMP TABLE query_rows AS
SELECT CAST(COLUMNS(c -> c = $column) AS VARCHAR) AS "the key", COLUMNS(c -> c <> $column)
FROM system.main.query($query);

-- name: CountRows
-- How many rows are staged.
SELECT system.main.count(*) FROM temp.main.query_rows;

-- name: Commit
-- Ends the transaction and keeps the temp table.
COMMIT;

-- name: Rollback
-- Ends the transaction and keeps nothing.
ROLLBACK;

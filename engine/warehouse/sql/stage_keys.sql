-- Answers: the keys that a checked query returns, as text, each as often as it comes; of a text too long for a key the beginning, and its length.
-- Reads: what the query reads. Writes: temp.main.query_keys(key VARCHAR, too_long BIGINT).
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
)

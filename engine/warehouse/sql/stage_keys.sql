-- Answers: the keys that a checked query returns, as text, each as often as it comes.
-- Reads: what the query reads. Writes: temp.main.query_keys(key VARCHAR).
-- Parameters: $query VARCHAR, $column VARCHAR: the key column's name as the query gives it.
CREATE TEMP TABLE query_keys AS
SELECT CAST(COLUMNS(c -> c = $column) AS VARCHAR) AS key
FROM system.main.query($query)

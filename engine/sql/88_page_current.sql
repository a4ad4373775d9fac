-- A page of the temp table current.
-- Reads current.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT record_id
FROM temp.main.current
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

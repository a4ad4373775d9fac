-- A page of the temp table resolved.
-- Reads resolved.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT key, record_id
FROM temp.main.resolved
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- A page of the temp table resolved.
-- Reads resolved.
-- Parameters: $from, $upto BIGINT (row numbers, the second excluded).
SELECT key, record_id
FROM temp.main.resolved
WHERE rowid >= $from AND rowid < $upto
ORDER BY rowid;

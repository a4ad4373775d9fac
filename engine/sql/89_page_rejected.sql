-- A page of the temp table rejected.
-- Reads rejected.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT key, reason, detail
FROM temp.main.rejected
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

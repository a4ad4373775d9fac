-- A page of the temp table rejected.
-- Reads rejected.
-- Parameters: $from, $upto BIGINT (row numbers, the second excluded).
SELECT key, reason, detail
FROM temp.main.rejected
WHERE rowid >= $from AND rowid < $upto
ORDER BY rowid;

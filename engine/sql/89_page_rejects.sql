-- A page of the temp table rejects.
-- Reads rejects.
-- Parameters: $from, $upto BIGINT (row numbers, the second excluded).
SELECT key, reason, detail
FROM temp.main.rejects
WHERE rowid >= $from AND rowid < $upto
ORDER BY rowid;

-- A page of the temp table desired.
-- Reads desired.
-- Parameters: $from, $upto BIGINT (row numbers, the second excluded).
SELECT key
FROM temp.main.desired
WHERE rowid >= $from AND rowid < $upto
ORDER BY rowid;

-- A page of the temp table desired.
-- Reads desired.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT key
FROM temp.main.desired
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

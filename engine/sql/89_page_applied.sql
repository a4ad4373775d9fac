-- A page of the temp table applied.
-- Reads applied.
-- Parameters: $from, $upto BIGINT (row numbers, the second excluded).
SELECT record_id, key
FROM temp.main.applied
WHERE rowid >= $from AND rowid < $upto
ORDER BY rowid;

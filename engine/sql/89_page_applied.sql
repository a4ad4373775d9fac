-- A page of the temp table applied.
-- Reads applied.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT record_id, key
FROM temp.main.applied
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- A page of the records to be read.
-- Reads rollcall_suspects.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT CAST(record_id AS VARCHAR) AS record_id
FROM temp.main.rollcall_suspects
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

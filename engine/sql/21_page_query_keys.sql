-- A page of what the analyst's query returned.
-- Reads query_keys.
-- Parameters: $from, $upto BIGINT (row numbers, the second excluded).
SELECT key, too_long
FROM temp.main.query_keys
WHERE rowid >= $from AND rowid < $upto
ORDER BY rowid;

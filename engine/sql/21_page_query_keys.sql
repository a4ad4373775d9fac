-- A page of what the analyst's query returned.
-- Reads query_keys.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT key, too_long
FROM temp.main.query_keys
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

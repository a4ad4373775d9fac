-- A page of the temp table plan.
-- Reads plan.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT batch, action, record_id, key, cause
FROM temp.main.plan
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

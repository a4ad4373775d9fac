-- A page of the temp table plan.
-- Reads plan.
-- Parameters: $from, $upto BIGINT (row numbers, the second excluded).
SELECT batch, action, record_id, key, cause
FROM temp.main.plan
WHERE rowid >= $from AND rowid < $upto
ORDER BY rowid;

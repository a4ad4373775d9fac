-- A page of the foreign members whom the plan removes.
-- Reads plan.
-- Parameters: $from, $upto BIGINT (row numbers, the second excluded).
SELECT CAST(record_id AS VARCHAR) AS record_id
FROM temp.main.plan
WHERE rowid >= $from AND rowid < $upto AND action = 'remove' AND cause = 'foreign'
ORDER BY rowid;

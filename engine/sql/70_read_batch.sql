-- The changes of one batch.
-- Reads plan.
-- Parameters: $batch BIGINT.
SELECT action, record_id
FROM temp.main.plan
WHERE batch = $batch
ORDER BY action, record_id;

-- How many batches has the plan?
-- Reads plan.
-- Parameters: none.
SELECT coalesce(max(batch), 0) AS batches
FROM temp.main.plan;

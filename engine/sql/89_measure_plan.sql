-- How many rows has the temp table plan, and how many bytes have the texts of the longest?
-- Reads plan.
-- Parameters: none.
SELECT count(*) AS n_rows, coalesce(max(strlen(concat(action, key, cause))), 0) AS longest
FROM temp.main.plan;

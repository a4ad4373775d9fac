-- How many rows has the temp table resolved, and how many bytes have the texts of the longest?
-- Reads resolved.
-- Parameters: none.
SELECT count(*) AS n_rows, coalesce(max(strlen(key)), 0) AS longest
FROM temp.main.resolved;

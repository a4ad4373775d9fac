-- How many rows has the temp table rejected, and how many bytes have the texts of the longest?
-- Reads rejected.
-- Parameters: none.
SELECT count(*) AS n_rows, coalesce(max(strlen(concat(key, reason, detail))), 0) AS longest
FROM temp.main.rejected;

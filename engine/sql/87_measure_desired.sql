-- How many rows has the temp table desired, and how many bytes have the texts of the longest?
-- Reads desired.
-- Parameters: none.
SELECT count(*) AS n_rows, coalesce(max(strlen(key)), 0) AS longest
FROM temp.main.desired;

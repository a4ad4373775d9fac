-- How many rows has the temp table current? They have no texts.
-- Reads current.
-- Parameters: none.
SELECT count(*) AS n_rows, 0 AS longest
FROM temp.main.current;

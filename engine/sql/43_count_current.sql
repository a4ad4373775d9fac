-- How many are on the list now?
-- Reads current.
-- Parameters: none.
SELECT count(*) AS members
FROM temp.main.current;

-- The number of the list's members.
-- Reads current.
-- Parameters: none.
SELECT count(*) AS members
FROM temp.main.current;

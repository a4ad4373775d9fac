-- How many records differ?
-- Reads rollcall_difference.
-- Parameters: none.
SELECT count(*) AS differing
FROM temp.main.rollcall_difference;

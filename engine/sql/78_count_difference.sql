-- How many records differ that are drift?
-- Reads rollcall_difference.
-- Parameters: none.
SELECT count(*) AS differing
FROM temp.main.rollcall_difference
WHERE is_drift;

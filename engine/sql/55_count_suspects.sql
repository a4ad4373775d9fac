-- How many records are to be read?
-- Reads rollcall_suspects.
-- Parameters: none.
SELECT count(*) AS suspects
FROM temp.main.rollcall_suspects;

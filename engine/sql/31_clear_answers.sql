-- Delete the answers that a failed attempt to load the cache may have left.
-- Writes rollcall_answers.
-- Parameters: none.
DELETE FROM temp.main.rollcall_answers;

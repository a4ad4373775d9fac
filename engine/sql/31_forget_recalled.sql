-- Forgets what a recalling that failed may have left.
-- Writes rollcall_answers.
-- Parameters: none.
DELETE FROM temp.main.rollcall_answers;

-- How many questions are there?
-- Reads rollcall_questions.
-- Parameters: none.
SELECT count(*) AS questions
FROM temp.main.rollcall_questions;

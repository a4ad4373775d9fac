-- How many keys are to be looked up, and how many bytes has the longest?
-- Reads rollcall_questions.
-- Parameters: none.
SELECT count(*) AS questions, coalesce(max(strlen(key)), 0) AS longest
FROM temp.main.rollcall_questions;

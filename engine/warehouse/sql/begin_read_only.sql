-- Answers: nothing; opens the transaction in which nothing but temp tables can be written.
-- Reads: nothing. Writes: nothing.
-- Parameters: none.
BEGIN TRANSACTION READ ONLY

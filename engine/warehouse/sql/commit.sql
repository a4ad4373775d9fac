-- Answers: nothing; ends the transaction and keeps the temp table.
-- Reads: nothing. Writes: nothing.
-- Parameters: none.
COMMIT

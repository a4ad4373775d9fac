-- Answers: nothing; ends the transaction and keeps nothing.
-- Reads: nothing. Writes: nothing.
-- Parameters: none.
ROLLBACK

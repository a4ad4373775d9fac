-- Answers: nothing; from now on the connection optimizes queries.
-- Reads: nothing. Writes: nothing.
-- Parameters: none.
PRAGMA enable_optimizer

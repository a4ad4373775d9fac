-- Answers: nothing; from now on the connection plans queries as they are written.
-- Reads: nothing. Writes: nothing.
-- Parameters: none.
PRAGMA disable_optimizer

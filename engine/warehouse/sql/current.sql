-- Answers: which database a name without one means.
-- Reads: nothing. Writes: nothing.
-- Parameters: none.
SELECT system.main.current_database()

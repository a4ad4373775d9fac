-- Answers: which database is the current one.
-- Reads: nothing. Writes: nothing.
-- Parameters: none.
SELECT system.main.current_database()

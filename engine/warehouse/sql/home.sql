-- Answers: which database and schema a name without one means, and whether USE made them so.
-- Reads: the engine's settings. Writes: nothing.
-- Parameters: none.
SELECT system.main.current_database(), system.main.current_schema(), system.main.current_setting('search_path') <> ''

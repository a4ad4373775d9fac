-- Answers: which folders queries may read files of, and the folder for spilled data, which the engine counts among them.
-- Reads: the engine's settings. Writes: nothing.
-- Parameters: none.
SELECT
  CASE WHEN system.main.current_setting('enable_external_access') THEN [] ELSE system.main.current_setting('allowed_directories') END,
  system.main.current_setting('temp_directory')

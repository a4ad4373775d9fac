-- Answers: how many keys are staged.
-- Reads: temp.main.query_keys. Writes: nothing.
-- Parameters: none.
SELECT system.main.count(key) + system.main.count(*) FILTER (WHERE key IS NULL) FROM temp.main.query_keys

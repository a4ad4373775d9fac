-- Answers: how many keys are staged, and how many bytes the longest has.
-- Reads: temp.main.query_keys. Writes: nothing.
-- Parameters: none.
SELECT system.main.count(key) + system.main.count(*) FILTER (WHERE key IS NULL), coalesce(system.main.max(system.main.strlen(key)), 0) FROM temp.main.query_keys

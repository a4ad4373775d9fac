-- Answers: nothing; a second staging on one connection starts clean.
-- Reads: nothing. Writes: drops temp.main.query_keys.
-- Parameters: none.
DROP TABLE IF EXISTS temp.main.query_keys

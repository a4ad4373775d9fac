-- Answers: the syntax tree of a text, if it is made of SELECT statements alone; nothing of it is bound or executed.
-- Reads: nothing. Writes: nothing.
-- Parameters: $query VARCHAR.
SELECT CAST(system.main.json_serialize_sql(CAST($query AS VARCHAR), skip_null := true, skip_empty := true) AS VARCHAR)

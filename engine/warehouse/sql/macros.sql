-- Answers: which macros people have made, in whichever database and schema; a macro's text is an expression, a table macro's a SELECT.
-- Reads: the engine's catalog. Writes: nothing.
-- Parameters: none.
SELECT system.main.lower(function_name), function_type = 'table_macro', coalesce(macro_definition, '')
FROM system.main.duckdb_functions()
WHERE NOT internal
  AND function_type IN ('macro', 'table_macro')

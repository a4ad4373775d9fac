-- Answers: which functions of those names are macros that somebody made, and which macros hide a function of the engine's; a macro's text is an expression, a table macro's a SELECT.
-- Reads: the engine's catalog. Writes: nothing.
-- Parameters: $names VARCHAR[], in lower case.
SELECT function_name, function_type = 'table_macro' AS is_table, coalesce(macro_definition, '') AS definition
FROM system.main.duckdb_functions()
WHERE NOT internal
  AND function_type IN ('macro', 'table_macro')
  AND (
    system.main.list_contains(CAST($names AS VARCHAR[]), system.main.lower(function_name))
    OR system.main.lower(function_name) IN (
      SELECT system.main.lower(function_name) FROM system.main.duckdb_functions() WHERE internal
    )
  )

-- Answers: which tables and views have those names, in whichever database and schema, and how a view or a table with generated columns is made.
-- Reads: the engine's catalog. Writes: nothing.
-- Parameters: $names VARCHAR[], in lower case.
SELECT database_name, schema_name, view_name AS name, internal, true AS is_view, coalesce(sql, '') AS definition
FROM system.main.duckdb_views()
WHERE system.main.list_contains(CAST($names AS VARCHAR[]), system.main.lower(view_name))
UNION ALL
SELECT database_name, schema_name, table_name AS name, internal, false AS is_view,
  CASE WHEN system.main.contains(sql, 'GENERATED ALWAYS AS') THEN sql ELSE '' END AS definition
FROM system.main.duckdb_tables()
WHERE system.main.list_contains(CAST($names AS VARCHAR[]), system.main.lower(table_name))

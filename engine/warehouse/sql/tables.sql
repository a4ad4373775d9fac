-- Answers: which tables and views people have made.
-- Reads: the engine's catalog. Writes: nothing.
-- Parameters: none.
SELECT database_name, schema_name, view_name AS name
FROM system.main.duckdb_views()
WHERE NOT internal
UNION ALL
SELECT database_name, schema_name, table_name AS name
FROM system.main.duckdb_tables()
WHERE NOT internal

-- name: Serialize
-- The syntax tree of a text, if it is made of SELECT statements alone; nothing of it is bound or executed.
-- Parameters: $query VARCHAR.
SELECT CAST(system.main.json_serialize_sql(CAST($query AS VARCHAR), skip_null := true, skip_empty := true) AS VARCHAR);

-- name: OptimizerOff
-- From now on the connection plans queries as they are written.
PRAGMA disable_optimizer;

-- name: OptimizerOn
-- From now on the connection optimizes queries.
PRAGMA enable_optimizer;

-- name: IsLocal
-- Whether no database of MotherDuck is attached.
SELECT system.main.count(*) = 0 FROM system.main.duckdb_databases() WHERE type = 'motherduck';

-- name: Macros
-- Which macros people have made, in whichever database and schema; a macro's text is an expression, a table macro's a SELECT.
SELECT system.main.lower(function_name), function_type = 'table_macro', coalesce(macro_definition, '')
FROM system.main.duckdb_functions()
WHERE NOT internal
  AND function_type IN ('macro', 'table_macro');

-- name: Relations
-- Which tables and views have those names, in whichever database and schema, and how a view or a table with generated columns is made.
-- Parameters: $names VARCHAR[], in lower case.
SELECT database_name, schema_name, view_name AS name, internal, true AS is_view, coalesce(sql, '') AS definition
FROM system.main.duckdb_views()
WHERE system.main.list_contains(CAST($names AS VARCHAR[]), system.main.lower(view_name))
UNION ALL
SELECT database_name, schema_name, table_name AS name, internal, false AS is_view,
  CASE WHEN system.main.contains(sql, 'GENERATED ALWAYS AS') THEN sql ELSE '' END AS definition
FROM system.main.duckdb_tables()
WHERE system.main.list_contains(CAST($names AS VARCHAR[]), system.main.lower(table_name));

-- name: Types
-- Which types that people have made have those names, in whichever database and schema.
-- Parameters: $names VARCHAR[], in lower case.
SELECT database_name, schema_name, type_name AS name, false AS internal, false AS is_view, '' AS definition
FROM system.main.duckdb_types()
WHERE NOT internal
  AND system.main.list_contains(CAST($names AS VARCHAR[]), system.main.lower(type_name));

-- name: Tables
-- Which tables and views people have made.
SELECT database_name, schema_name, view_name AS name
FROM system.main.duckdb_views()
WHERE NOT internal
UNION ALL
SELECT database_name, schema_name, table_name AS name
FROM system.main.duckdb_tables()
WHERE NOT internal;

-- name: Home
-- Which database and schema a name without one means, and whether USE made them so.
SELECT system.main.current_database(), system.main.current_schema(), system.main.current_setting('search_path') <> '';

-- name: DataFolders
-- Which folders queries may read files of, and the folder for spilled data, which the engine counts among them.
SELECT
  CASE WHEN system.main.current_setting('enable_external_access') THEN [] ELSE system.main.current_setting('allowed_directories') END,
  system.main.current_setting('temp_directory');

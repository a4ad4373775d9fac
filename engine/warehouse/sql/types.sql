-- Answers: which types that people have made have those names, in whichever database and schema.
-- Reads: the engine's catalog. Writes: nothing.
-- Parameters: $names VARCHAR[], in lower case.
SELECT database_name, schema_name, type_name AS name, false AS internal, false AS is_view, '' AS definition
FROM system.main.duckdb_types()
WHERE NOT internal
  AND system.main.list_contains(CAST($names AS VARCHAR[]), system.main.lower(type_name))

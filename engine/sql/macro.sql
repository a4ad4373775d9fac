-- name: FindHidingMacros
-- Which macros of the database hide a function or an operator of the engine's own from unqualified calls? Every call here is qualified.
SELECT system.main.lower(function_name) AS name
FROM system.main.duckdb_functions()
GROUP BY ALL
HAVING system.main.bool_or(internal)
   AND system.main.bool_or(NOT internal AND database_name = system.main.current_database() AND schema_name = 'main')
ORDER BY ALL;

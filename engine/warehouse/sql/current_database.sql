-- Answers: which database is the current one, and whether another one that is attached has the name of the schema rollcall.
-- Reads: the engine's catalog. Writes: nothing.
-- Parameters: none.
SELECT system.main.current_database(),
    system.main.count(*) FILTER (system.main.lower(database_name) = 'rollcall' AND database_name <> system.main.current_database()) > 0
FROM system.main.duckdb_databases()

-- Answers: whether no database of MotherDuck is attached.
-- Reads: the engine's catalog. Writes: nothing.
-- Parameters: none.
SELECT system.main.count(*) = 0 FROM system.main.duckdb_databases() WHERE type = 'motherduck'

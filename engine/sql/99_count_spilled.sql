-- How many bytes have been spilled.
-- Reads duckdb_temporary_files.
-- Parameters: none.
SELECT coalesce(sum(size), 0)::BIGINT FROM duckdb_temporary_files();

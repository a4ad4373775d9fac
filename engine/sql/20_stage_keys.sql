-- The keys of every sync after normalising, one row for each that is not blank; a key with a reason cannot be used.
-- Makes rollcall_keys. Its name is one that no analyst's table has, since the next sync's query runs beside it.
-- Parameters: none.
CREATE TEMP TABLE rollcall_keys (sync INTEGER, key VARCHAR, reason VARCHAR, detail VARCHAR);

-- How many rows the sets have that were loaded and copied.
-- Reads rollcall_probe, rollcall_probe_copy.
-- Parameters: none.
SELECT (SELECT count(*) FROM rollcall_probe) AS loaded, (SELECT count(*) FROM rollcall_probe_copy) AS copied;

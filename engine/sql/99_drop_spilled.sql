-- Drops the set that does not fit.
-- Drops rollcall_probe_spilled.
-- Parameters: none.
DROP TABLE IF EXISTS rollcall_probe_spilled;

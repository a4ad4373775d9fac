-- Changes all rows of a set.
-- Writes rollcall_probe.
-- Parameters: none.
UPDATE rollcall_probe SET id = id + 1;

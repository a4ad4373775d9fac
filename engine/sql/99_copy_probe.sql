-- A set that is read from the database.
-- Makes rollcall_probe_copy.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE rollcall_probe_copy AS SELECT id FROM rollcall.doctor_probe;

-- A set that is read by a text, as the query of a row is.
-- Makes rollcall_probe_copy.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE rollcall_probe_copy AS SELECT id FROM query('SELECT id FROM rollcall.doctor_probe');

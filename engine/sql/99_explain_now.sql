-- How now() is carried out beside a table of the database.
-- Reads rollcall.doctor_probe.
-- Parameters: none.
EXPLAIN SELECT id, now() AS told FROM rollcall.doctor_probe;

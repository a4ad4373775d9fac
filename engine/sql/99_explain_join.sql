-- Where a join of a set with a table of the database is carried out.
-- Reads rollcall.doctor_probe, rollcall_probe.
-- Parameters: none.
EXPLAIN SELECT p.id FROM rollcall.doctor_probe AS p JOIN rollcall_probe AS s ON p.id = s.id;

-- Where rows are deleted that a set has not.
-- Reads rollcall.doctor_probe, rollcall_probe.
-- Parameters: none.
EXPLAIN DELETE FROM rollcall.doctor_probe WHERE id NOT IN (SELECT id FROM rollcall_probe);

-- Inserts rows that a set has and the table does not.
-- Writes rollcall.doctor_probe.
-- Parameters: none.
INSERT INTO rollcall.doctor_probe (id, told_at) SELECT id, now() FROM rollcall_probe WHERE id NOT IN (SELECT id FROM rollcall.doctor_probe);

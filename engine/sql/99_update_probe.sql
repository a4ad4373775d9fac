-- Changes rows that a set has.
-- Writes rollcall.doctor_probe.
-- Parameters: none.
UPDATE rollcall.doctor_probe SET owner = 'updated', told_at = now() FROM rollcall_probe AS p WHERE doctor_probe.id = p.id;

-- Deletes rows that a set has, and those that it has not.
-- Writes rollcall.doctor_probe.
-- Parameters: $below BIGINT.
DELETE FROM rollcall.doctor_probe WHERE id IN (SELECT id FROM rollcall_probe WHERE id < $below::BIGINT) OR id NOT IN (SELECT id FROM rollcall_probe);

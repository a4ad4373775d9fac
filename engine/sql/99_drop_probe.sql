-- Drops what was asked with.
-- Drops rollcall.doctor_probe.
-- Parameters: none.
DROP TABLE IF EXISTS rollcall.doctor_probe;

-- Frees the row that stands for the lease.
-- Writes rollcall.doctor_probe.
-- Parameters: none.
UPDATE rollcall.doctor_probe SET owner = NULL WHERE id = 0;

-- Takes the one row that stands for the lease, when it is free: one row changed means that it is ours.
-- Writes rollcall.doctor_probe.
-- Parameters: $owner VARCHAR.
UPDATE rollcall.doctor_probe SET owner = $owner, told_at = now() WHERE id = 0 AND owner IS NULL;

-- Old runs go.
-- Writes rollcall.runs; reads rollcall_kept.
-- Parameters: $upto VARCHAR (runs up to this one).
DELETE FROM rollcall.runs
WHERE run_id <= $upto AND run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept);

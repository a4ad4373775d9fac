-- Delete old runs.
-- Writes rollcall.runs; reads rollcall_kept.
-- Parameters: $until VARCHAR (runs up to this one).
DELETE FROM rollcall.runs
WHERE run_id <= $until AND run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept);

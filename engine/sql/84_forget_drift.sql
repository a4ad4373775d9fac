-- Drift that old runs found goes.
-- Writes rollcall.drift; reads rollcall_kept.
-- Parameters: $upto VARCHAR (runs up to this one).
DELETE FROM rollcall.drift
WHERE run_id <= $upto AND run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept WHERE whole);

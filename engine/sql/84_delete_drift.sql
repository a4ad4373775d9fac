-- Delete the drift of old runs.
-- Writes rollcall.drift; reads rollcall_kept.
-- Parameters: $until VARCHAR (runs up to this one).
DELETE FROM rollcall.drift
WHERE run_id <= $until AND run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept WHERE whole);

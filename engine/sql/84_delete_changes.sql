-- Delete the changes of old runs, but for the plans of runs that stay.
-- Writes rollcall.changes; reads rollcall_kept.
-- Parameters: $until VARCHAR (runs up to this one).
DELETE FROM rollcall.changes
WHERE run_id <= $until
  AND run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept WHERE whole)
  AND (state <> 'planned' OR run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept));

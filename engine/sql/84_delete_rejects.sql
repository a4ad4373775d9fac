-- Delete rejects that ended with old runs, and those of syncs that are deleted with all their runs.
-- Writes rollcall.rejects; reads rollcall_kept, rollcall.runs, rollcall.syncs.
-- Parameters: $until VARCHAR (runs up to this one).
DELETE FROM rollcall.rejects
WHERE until_run <= $until AND until_run NOT IN (SELECT run_id FROM temp.main.rollcall_kept WHERE whole)
   OR until_run IS NULL AND sync NOT IN (SELECT name FROM rollcall.syncs) AND sync NOT IN (SELECT sync FROM rollcall.runs);

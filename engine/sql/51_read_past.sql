-- How many usable keys had the last run that had any, and ended well? 0: none did.
-- Reads rollcall.runs.
-- Parameters: $sync VARCHAR.
SELECT coalesce(arg_max(n_emails, (run_at, run_id)), 0) AS keys_before
FROM rollcall.runs
WHERE sync = $sync
  AND status IN ('SUCCEEDED', 'PARTIAL')
  AND n_emails > 0
  AND undoes IS NULL
  AND NOT coalesce(dry_run, false);

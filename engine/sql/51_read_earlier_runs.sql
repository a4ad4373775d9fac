-- How many usable keys had the sync's last successful run that had any? 0: none had. And has any run on the list succeeded?
-- Reads rollcall.runs.
-- Parameters: $sync, $list_id VARCHAR.
SELECT
    coalesce(arg_max(n_emails, (run_at, run_id)) FILTER (sync = $sync AND n_emails > 0), 0) AS keys_before,
    coalesce(bool_or(list_id = $list_id), false) AS taken
FROM rollcall.runs
WHERE status IN ('SUCCEEDED', 'PARTIAL')
  AND undoes IS NULL
  AND NOT coalesce(dry_run, false);

-- A run that is to be undone. n_dropped is how many of the changes that it made are no longer in the ledger.
-- Reads rollcall.runs, rollcall.changes.
-- Parameters: $run_id VARCHAR.
SELECT
    sync, status, coalesce(list_id, '') AS list_id,
    coalesce(n_added, 0) + coalesce(n_removed, 0) - (SELECT count(*) FROM rollcall.changes WHERE run_id = $run_id AND state <> 'planned') AS n_dropped
FROM rollcall.runs
WHERE run_id = $run_id;

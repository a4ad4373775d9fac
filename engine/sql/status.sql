-- name: ReadStatus
-- The status of every sync.
-- Parameters: $syncs VARCHAR[] (none: all), $exclusive BOOLEAN (no other process can have the database open, so what is RUNNING is not).
SELECT
    sync,
    CASE WHEN $exclusive::BOOLEAN AND status.state = 'RUNNING' THEN 'INTERRUPTED' ELSE state END AS state,
    last_run_at,
    last_success_at,
    list_id,
    list_name,
    kind,
    object_type,
    to_object_type,
    members,
    records,
    links,
    n_added,
    n_updated,
    n_removed,
    n_unmatched,
    n_invalid,
    n_drift,
    CASE WHEN $exclusive::BOOLEAN AND status.state = 'RUNNING' THEN 'nobody runs it any more: its runner stopped without a word' ELSE detail END AS detail,
    warning,
    next_run_at,
    CASE WHEN $exclusive::BOOLEAN AND status.state = 'RUNNING' THEN 'rollcall run ' || sync || ' continues from what the list shows' ELSE what_to_do END AS what_to_do,
    run_id
FROM rollcall.status AS status
WHERE len($syncs::VARCHAR[]) = 0 OR list_contains($syncs::VARCHAR[], sync)
ORDER BY sync;

-- name: ReadHistory
-- The latest runs, newest first.
-- Parameters: $syncs VARCHAR[] (none: all), $limit BIGINT.
SELECT run_at, sync, status, list_id, list_name, kind, n_emails, n_current_before, n_to_add, n_to_remove, n_added, n_updated, n_unchanged, n_removed, n_missing, n_unmatched, n_invalid, n_final, n_drift, api_calls, api_retries, seconds, detail, error, hint, warning, made_list, run_id
FROM rollcall.history
WHERE len($syncs::VARCHAR[]) = 0 OR list_contains($syncs::VARCHAR[], sync)
ORDER BY run_at DESC, run_id DESC
LIMIT $limit;

-- name: ReadRan
-- Which syncs does the ledger know?
SELECT DISTINCT sync
FROM rollcall.history
ORDER BY sync;

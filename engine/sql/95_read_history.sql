-- The latest runs, newest first.
-- Reads rollcall.history.
-- Parameters: $syncs VARCHAR[] (none: all), $limit BIGINT.
SELECT run_at, sync, status, list_id, list_name, n_emails, n_current_before, n_to_add, n_to_remove, n_added, n_removed, n_missing, n_unmatched, n_invalid, n_final, n_drift, api_calls, api_retries, seconds, detail, error, hint, warning, made_list, run_id
FROM rollcall.history
WHERE len($syncs::VARCHAR[]) = 0 OR list_contains($syncs::VARCHAR[], sync)
ORDER BY run_at DESC, run_id DESC
LIMIT $limit;

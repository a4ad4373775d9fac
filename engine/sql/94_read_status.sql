-- How does every sync stand?
-- Reads rollcall.status.
-- Parameters: $syncs VARCHAR[] (none: all).
SELECT sync, state, last_run_at, last_success_at, list_id, members, n_added, n_removed, n_unmatched, n_invalid, n_drift, detail, warning, next_run_at, what_to_do, run_id
FROM rollcall.status
WHERE len($syncs::VARCHAR[]) = 0 OR list_contains($syncs::VARCHAR[], sync)
ORDER BY sync;

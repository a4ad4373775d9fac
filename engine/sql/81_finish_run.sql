-- The run's row, at its end.
-- Writes rollcall.runs.
-- Parameters: $run_id, $list_id, $status, $detail, $error, $hint, $warning VARCHAR; $n_added, $n_removed, $n_missing, $n_final, $n_drift, $api_calls, $api_retries BIGINT; $verified, $held_runner BOOLEAN; $seconds DOUBLE; $now, $next_run_at TIMESTAMPTZ.
UPDATE rollcall.runs
SET list_id = coalesce($list_id, list_id),
    status = $status,
    detail = $detail,
    error = $error,
    hint = $hint,
    warning = $warning,
    n_added = $n_added,
    n_removed = $n_removed,
    n_missing = $n_missing,
    n_final = $n_final,
    n_drift = $n_drift,
    verified = $verified,
    held_runner = $held_runner,
    api_calls = $api_calls,
    api_retries = $api_retries,
    seconds = $seconds,
    next_run_at = $next_run_at,
    finished_at = $now
WHERE run_id = $run_id;

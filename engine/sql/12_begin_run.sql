-- The run's row, from its first moment. Of the row of syncs it keeps what the sync's runs have not seen yet.
-- Writes rollcall.runs.
-- Parameters: $run_id, $sync, $query, $query_sha256, $undoes, $schedule, $row_sha256, $row_json, $runner, $version VARCHAR; $run_at TIMESTAMPTZ; $dry_run BOOLEAN; $epoch BIGINT.
INSERT INTO rollcall.runs (run_id, run_at, sync, status, query, query_sha256, dry_run, undoes, schedule, row_sha256, row_json, api_calls, api_retries, runner, version, epoch)
VALUES ($run_id, $run_at, $sync, 'RUNNING', $query, $query_sha256, $dry_run, $undoes, $schedule, $row_sha256,
    CASE WHEN ($row_json::VARCHAR, $query_sha256::VARCHAR) IS DISTINCT FROM (
        SELECT (row_json, query_sha256) FROM rollcall.runs
        WHERE sync = $sync AND row_json IS NOT NULL
        ORDER BY run_id DESC LIMIT 1
    ) THEN $row_json::VARCHAR END,
    0, 0, $runner, $version, $epoch);

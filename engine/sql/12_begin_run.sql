-- The run's row, from its first moment.
-- Writes rollcall.runs.
-- Parameters: $run_id, $sync, $query, $query_sha256, $undoes, $schedule, $row_sha256, $runner, $version VARCHAR; $run_at TIMESTAMPTZ; $dry_run BOOLEAN; $epoch BIGINT.
INSERT INTO rollcall.runs (run_id, run_at, sync, status, query, query_sha256, dry_run, undoes, schedule, row_sha256, api_calls, api_retries, runner, version, epoch)
VALUES ($run_id, $run_at, $sync, 'RUNNING', $query, $query_sha256, $dry_run, $undoes, $schedule, $row_sha256, 0, 0, $runner, $version, $epoch);

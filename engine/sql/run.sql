-- name: BeginRun
-- The run's row, from its first moment. Of the row of syncs it keeps what the sync's runs have not seen yet.
INSERT INTO rollcall.runs (run_id, run_at, sync, status, query, query_sha256, dry_run, undoes, schedule, row_sha256, row_json, api_calls, api_retries, runner, version, epoch)
VALUES ($run_id, $run_at, $sync, 'RUNNING', $query, $query_sha256, $dry_run, $undoes, $schedule, $row_sha256,
    CASE WHEN ($row_json::VARCHAR, $query_sha256::VARCHAR) IS DISTINCT FROM (
        SELECT (row_json, query_sha256) FROM rollcall.runs
        WHERE sync = $sync AND row_json IS NOT NULL
        ORDER BY run_id DESC LIMIT 1
    ) THEN $row_json::VARCHAR END,
    0, 0, $runner, $version, $epoch);

-- name: ReadEarlierRuns
-- How many usable keys had the sync's last successful run that had any? 0: none had. And has any run on the list succeeded?
SELECT
    coalesce(arg_max(n_emails, (run_at, run_id)) FILTER (sync = $sync AND n_emails > 0), 0) AS keys_before,
    coalesce(bool_or(list_id = $list_id), false) AS taken
FROM rollcall.runs
WHERE status IN ('SUCCEEDED', 'PARTIAL')
  AND undoes IS NULL
  AND NOT coalesce(dry_run, false);

-- name: RecordPlan
-- The run's row, once its plan is known.
UPDATE rollcall.runs
SET list_id = $list_id,
    makes_list = $makes_list,
    plan_hash = $plan_hash,
    plan_run_id = $plan_run_id,
    approved_run = $approved_run,
    guards = $guards,
    n_rows = $n_rows,
    n_blank = $n_blank,
    n_duplicate = $n_duplicate,
    n_invalid = $n_invalid,
    n_emails = $n_emails,
    n_resolved = $n_resolved,
    n_unmatched = $n_unmatched,
    n_current_before = $n_current_before,
    n_to_add = $n_to_add,
    n_to_remove = $n_to_remove
WHERE run_id = $run_id;

-- name: NameListOfRun
-- The list that the run has made.
UPDATE rollcall.runs
SET list_id = $list_id,
    made_list = true
WHERE run_id = $run_id;

-- name: CountMore
-- The run's additions, with those that came to the plan while it was applied.
UPDATE rollcall.runs
SET n_to_add = $n_to_add
WHERE run_id = $run_id;

-- name: CountChanges
-- What did HubSpot's answers come to?
-- Parameters: $run_id VARCHAR, $excused VARCHAR (the reason of missing records whose keys were asked for again).
SELECT
    count(*) FILTER (action = 'add' AND state = 'done') AS added,
    count(*) FILTER (action = 'remove' AND state = 'done') AS removed,
    count(*) FILTER (state = 'already') AS already,
    count(*) FILTER (state = 'missing') AS missing,
    count(*) FILTER (action = 'add' AND state = 'missing' AND reason IS DISTINCT FROM $excused) AS not_added,
    count(*) FILTER (state = 'failed') AS failed,
    count(*) FILTER (state IN ('unknown', 'sent')) AS unknown,
    count(*) FILTER (state = 'planned') AS planned,
    count(*) FILTER (action = 'add' AND state IN ('done', 'already'))
        - count(*) FILTER (action = 'remove' AND state IN ('done', 'already', 'missing')) AS net
FROM rollcall.changes
WHERE run_id = $run_id;

-- name: FinishRun
-- The run's row, at its end.
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

-- name: InterruptRuns
-- Closes the runs that a dead runner left open. Their calls are those that reached the ledger.
-- Parameters: $epoch BIGINT (ours; older ones are dead), $now TIMESTAMPTZ, $detail VARCHAR, $hint VARCHAR, $uncounted VARCHAR (the operation that HubSpot's limits do not count).
UPDATE rollcall.runs
SET status = 'INTERRUPTED', finished_at = $now, detail = concat_ws('; ', $detail, detail), hint = $hint,
    api_calls = (SELECT count(*) FROM rollcall.calls c WHERE c.run_id = runs.run_id AND c.operation <> $uncounted),
    api_retries = (SELECT count(*) FROM rollcall.calls c WHERE c.run_id = runs.run_id AND c.operation <> $uncounted AND c.attempt > 1)
WHERE status = 'RUNNING' AND epoch < $epoch;

-- name: RecountRuns
-- Count the changes of runs again that were just closed, or some of whose changes were just reconciled.
-- Parameters: $now TIMESTAMPTZ (when the runs were closed or the changes reconciled).
UPDATE rollcall.runs
SET n_added = c.n_added, n_removed = c.n_removed, n_missing = c.n_missing
FROM (
    SELECT
        r.run_id,
        count(*) FILTER (c.action = 'add' AND c.state = 'done') AS n_added,
        count(*) FILTER (c.action = 'remove' AND c.state = 'done') AS n_removed,
        count(*) FILTER (c.state = 'missing') AS n_missing
    FROM rollcall.runs r
    LEFT JOIN rollcall.changes c ON c.run_id = r.run_id
    WHERE r.n_to_add IS NOT NULL
      AND (r.finished_at = $now OR r.run_id IN (SELECT run_id FROM rollcall.changes WHERE changed_at = $now))
    GROUP BY r.run_id
) c
WHERE runs.run_id = c.run_id;

-- name: FindRuns
-- Which runs begin so? One whose ID it is comes first.
SELECT run_id, sync, status
FROM rollcall.runs
WHERE starts_with(lower(run_id), lower($beginning::VARCHAR))
ORDER BY lower(run_id) <> lower($beginning::VARCHAR), run_id
LIMIT $limit;

-- name: ReadRun
-- One run, and its plan in numbers.
SELECT
    sync, status, coalesce(undoes, '') AS undoes, run_at, coalesce(list_id, '') AS list_id, coalesce(makes_list, '') AS makes_list,
    coalesce(n_current_before, 0) AS n_current_before, coalesce(n_to_add, 0) AS n_to_add, coalesce(n_to_remove, 0) AS n_to_remove, coalesce(error, '') AS error
FROM rollcall.runs
WHERE run_id = $run_id;

-- name: ReadUndone
-- A run that is to be undone. n_dropped is how many of the changes that it made are no longer in the ledger.
SELECT
    sync, status, coalesce(list_id, '') AS list_id,
    coalesce(n_added, 0) + coalesce(n_removed, 0) - (SELECT count(*) FROM rollcall.changes WHERE run_id = $run_id AND state <> 'planned') AS n_dropped
FROM rollcall.runs
WHERE run_id = $run_id;

-- name: StageRuns
-- Runs that are about to begin; filled by the program.
CREATE OR REPLACE TEMP TABLE rollcall_begun (
    run_id VARCHAR, run_at TIMESTAMPTZ, sync VARCHAR, kind VARCHAR, query VARCHAR, query_sha256 VARCHAR, dry_run BOOLEAN, undoes VARCHAR, schedule VARCHAR, row_sha256 VARCHAR, row_json VARCHAR
);

-- name: BeginRuns
-- The runs' rows, from their first moment. Of the row of syncs each keeps what the sync's runs have not seen yet.
INSERT INTO rollcall.runs (run_id, run_at, sync, kind, status, query, query_sha256, dry_run, undoes, schedule, row_sha256, row_json, api_calls, api_retries, runner, version, epoch)
SELECT b.run_id, b.run_at, b.sync, b.kind, 'RUNNING', b.query, b.query_sha256, b.dry_run, b.undoes, b.schedule, b.row_sha256,
    CASE WHEN (b.row_json, b.query_sha256) IS DISTINCT FROM seen.last THEN b.row_json END,
    0, 0, $runner, $version, $epoch
FROM temp.main.rollcall_begun b
LEFT JOIN (
    -- The row and query that the sync's last run with a row had.
    SELECT sync, arg_max((row_json, query_sha256), (coalesce(epoch, 0), run_id)) AS last
    FROM rollcall.runs
    WHERE row_json IS NOT NULL AND sync IN (SELECT sync FROM temp.main.rollcall_begun)
    GROUP BY sync
) seen ON seen.sync = b.sync;

-- name: StagePlans
-- The figures of plans that are to be written to their runs' rows; filled by the program.
CREATE OR REPLACE TEMP TABLE rollcall_planned (
    run_id VARCHAR, list_id VARCHAR, target VARCHAR, makes_list VARCHAR, plan_hash VARCHAR, plan_run_id VARCHAR, approved_run VARCHAR, guards VARCHAR, n_rows BIGINT, n_blank BIGINT, n_duplicate BIGINT,
    n_invalid BIGINT, n_emails BIGINT, n_resolved BIGINT, n_unmatched BIGINT, n_current_before BIGINT, n_to_add BIGINT, n_to_remove BIGINT, n_to_update BIGINT
);

-- name: RecordPlans
-- The runs' rows, once their plans are known.
UPDATE rollcall.runs
SET list_id = p.list_id,
    target = p.target,
    makes_list = p.makes_list,
    plan_hash = p.plan_hash,
    plan_run_id = p.plan_run_id,
    approved_run = p.approved_run,
    guards = p.guards,
    n_rows = p.n_rows,
    n_blank = p.n_blank,
    n_duplicate = p.n_duplicate,
    n_invalid = p.n_invalid,
    n_emails = p.n_emails,
    n_resolved = p.n_resolved,
    n_unmatched = p.n_unmatched,
    n_current_before = p.n_current_before,
    n_to_add = p.n_to_add,
    n_to_remove = p.n_to_remove,
    n_to_update = p.n_to_update
FROM temp.main.rollcall_planned p
WHERE runs.run_id = p.run_id;

-- name: NameListOfRun
-- The list that the run has made.
UPDATE rollcall.runs
SET list_id = $list_id,
    made_list = true
WHERE run_id = $run_id;

-- name: StageEnds
-- How runs ended; filled by the program.
CREATE OR REPLACE TEMP TABLE rollcall_ended (
    run_id VARCHAR, list_id VARCHAR, status VARCHAR, detail VARCHAR, error VARCHAR, hint VARCHAR, warning VARCHAR, n_added BIGINT, n_removed BIGINT, n_updated BIGINT, n_unchanged BIGINT, n_missing BIGINT, n_final BIGINT, n_drift BIGINT,
    verified BOOLEAN, held_runner BOOLEAN, api_calls BIGINT, api_retries BIGINT, seconds DOUBLE, next_run_at TIMESTAMPTZ, finished_at TIMESTAMPTZ
);

-- name: FinishRuns
-- The runs' rows, at their ends.
UPDATE rollcall.runs
SET list_id = coalesce(e.list_id, runs.list_id),
    status = e.status,
    detail = e.detail,
    error = e.error,
    hint = e.hint,
    warning = e.warning,
    n_added = e.n_added,
    n_removed = e.n_removed,
    n_updated = e.n_updated,
    n_unchanged = e.n_unchanged,
    n_missing = e.n_missing,
    n_final = e.n_final,
    n_drift = e.n_drift,
    verified = e.verified,
    held_runner = e.held_runner,
    api_calls = e.api_calls,
    api_retries = e.api_retries,
    seconds = e.seconds,
    next_run_at = e.next_run_at,
    finished_at = e.finished_at
FROM temp.main.rollcall_ended e
WHERE runs.run_id = e.run_id;

-- name: FindCrashed
-- Which runs did a dead runner leave open?
-- Parameters: $epoch BIGINT (ours; older ones are dead).
SELECT run_id
FROM rollcall.runs
WHERE status = 'RUNNING' AND epoch < $epoch;

-- name: InterruptRuns
-- Closes runs that a dead runner left open. Their calls are those that reached the ledger.
-- Parameters: $runs VARCHAR[] (their IDs), $now TIMESTAMPTZ, $detail VARCHAR, $hint VARCHAR, $uncounted VARCHAR (the operation that HubSpot's limits do not count).
UPDATE rollcall.runs
SET status = 'INTERRUPTED', finished_at = $now, detail = concat_ws('; ', $detail, detail), hint = $hint,
    api_calls = (SELECT count(*) FROM rollcall.calls c WHERE c.run_id = runs.run_id AND c.operation <> $uncounted),
    api_retries = (SELECT count(*) FROM rollcall.calls c WHERE c.run_id = runs.run_id AND c.operation <> $uncounted AND c.attempt > 1)
WHERE status = 'RUNNING' AND list_contains($runs::VARCHAR[], run_id);

-- name: RecountRuns
-- Count the changes of runs again that were just closed, or whose changes were just settled.
-- Parameters: $runs VARCHAR[] (their IDs).
UPDATE rollcall.runs
SET n_added = c.n_added, n_removed = c.n_removed, n_updated = CASE WHEN runs.kind = 'object' THEN c.n_updated END, n_missing = c.n_missing
FROM (
    SELECT
        r.run_id,
        count(*) FILTER (c.action IN ('add', 'create', 'link') AND c.state = 'done') AS n_added,
        count(*) FILTER (c.action IN ('remove', 'clear', 'archive', 'unlink') AND c.state = 'done') AS n_removed,
        count(*) FILTER (c.action = 'update' AND c.state = 'done') AS n_updated,
        count(*) FILTER (c.state IN ('missing', 'asked_again')) AS n_missing
    FROM rollcall.runs r
    LEFT JOIN rollcall.changes c ON c.run_id = r.run_id
    WHERE r.n_to_add IS NOT NULL AND list_contains($runs::VARCHAR[], r.run_id)
    GROUP BY r.run_id
) c
WHERE runs.run_id = c.run_id;

-- name: NoteDrift
-- The run's row says how much drift it has found, from that moment on.
UPDATE rollcall.runs
SET n_drift = $n_drift
WHERE run_id = $run_id;

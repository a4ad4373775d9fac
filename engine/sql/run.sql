-- name: ReadEarlierRuns
-- How many usable keys had each sync's last successful run that had any? On which lists has any run succeeded, and on which associations has each sync, with usable keys? Rows of the first kind have a sync, those of the second a target, and those of the third both.
WITH ended AS (
    -- The order of runs is that of the lease's epoch, then of their IDs: the clocks of two runners may differ.
    SELECT sync, kind, list_id, target, n_emails, coalesce(epoch, 0) AS epoch, run_id
    FROM rollcall.runs
    WHERE status IN ('SUCCEEDED', 'PARTIAL')
      AND undoes IS NULL
      AND NOT coalesce(dry_run, false)
)
SELECT sync, '' AS target, arg_max(n_emails, (epoch, run_id)) AS n_emails FROM ended WHERE n_emails > 0 GROUP BY sync
UNION ALL
SELECT '', list_id, 0 FROM ended WHERE list_id IS NOT NULL GROUP BY list_id
UNION ALL
SELECT sync, target, 0 FROM ended WHERE kind = 'association' AND n_emails > 0 AND target IS NOT NULL GROUP BY sync, target;

-- name: CountChanges
-- What did HubSpot's answers come to?
SELECT
    count(*) FILTER (action IN ('add', 'create', 'link') AND state = 'done') AS added,
    count(*) FILTER (action IN ('remove', 'clear', 'archive', 'unlink') AND state = 'done') AS removed,
    count(*) FILTER (action = 'update' AND state = 'done') AS updated,
    count(*) FILTER (state = 'already') AS already,
    count(*) FILTER (state IN ('missing', 'asked_again')) AS missing,
    count(*) FILTER (action = 'add' AND state = 'missing') AS not_added,
    count(*) FILTER (state = 'failed') AS failed,
    count(*) FILTER (state IN ('unknown', 'sent')) AS unknown,
    count(*) FILTER (state = 'planned') AS planned,
    -- What the set has grown by.
    count(*) FILTER (action IN ('add', 'create', 'link') AND state IN ('done', 'already'))
        - count(*) FILTER (action IN ('remove', 'unlink') AND state IN ('done', 'already', 'missing')) AS net
FROM rollcall.changes
WHERE run_id = $run_id;

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
    sync, coalesce(kind, '') AS kind, status, coalesce(undoes, '') AS undoes, run_at, coalesce(list_id, '') AS list_id, coalesce(makes_list, '') AS makes_list,
    coalesce((SELECT any_value(target) FROM rollcall.changes c WHERE c.run_id = coalesce(runs.plan_run_id, runs.run_id)), '') AS target,
    coalesce(n_current_before, 0) AS n_current_before, coalesce(n_to_add, 0) AS n_to_add, coalesce(n_to_remove, 0) AS n_to_remove, coalesce(n_to_update, 0) AS n_to_update, coalesce(error, '') AS error
FROM rollcall.runs
WHERE run_id = $run_id;

-- name: ReadUndone
-- A run that is to be undone, and the list or object type that it was about. n_dropped is how many of the changes that it made are no longer in the ledger.
SELECT
    sync, status, coalesce(list_id, (SELECT any_value(target) FROM rollcall.changes WHERE run_id = $run_id AND state <> 'planned'), '') AS target, coalesce(kind, '') AS kind,
    coalesce(n_added, 0) + coalesce(n_removed, 0) + coalesce(n_updated, 0) - (SELECT count(*) FROM rollcall.changes WHERE run_id = $run_id AND state <> 'planned') AS n_dropped
FROM rollcall.runs
WHERE run_id = $run_id;

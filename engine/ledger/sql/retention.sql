-- name: StageKept
-- Runs whose rows stay in the ledger: young ones, those at work or with changes still to reconcile, each sync's last of each kind and target, and the last that has its row, those that were approved, and whose plan theirs is. whole: with all their changes.
-- Parameters: $before TIMESTAMPTZ (older runs may go).
CREATE OR REPLACE TEMP TABLE rollcall_kept AS
WITH judged AS (
    SELECT
        run_id,
        plan_run_id,
        run_at >= $before OR status = 'RUNNING' OR run_id IN (SELECT run_id FROM rollcall.changes WHERE state IN ('sent', 'unknown')) AS whole,
        sync IN (SELECT name FROM rollcall.syncs)
            AND row_number() OVER (PARTITION BY sync, list_id, target, status, dry_run, undoes IS NULL, n_emails IS NULL ORDER BY coalesce(epoch, 0) DESC, run_id DESC) = 1 AS is_last,
        sync IN (SELECT name FROM rollcall.syncs) AND row_json IS NOT NULL
            AND row_number() OVER (PARTITION BY sync, row_json IS NULL ORDER BY coalesce(epoch, 0) DESC, run_id DESC) = 1 AS has_row
    FROM rollcall.runs
),
kept AS (
    SELECT run_id, plan_run_id, whole FROM judged
    WHERE whole OR is_last OR has_row OR run_id IN (SELECT run_id FROM rollcall.approvals)
)
SELECT run_id, bool_or(whole) AS whole
FROM (
    SELECT run_id, whole FROM kept
    UNION ALL
    -- The run that has the plan of one that stays: its plan, but not the outcome.
    SELECT plan_run_id, false FROM kept WHERE plan_run_id IS NOT NULL
)
GROUP BY run_id;

-- name: FindOldRuns
-- Up to which run is the ledger deleted in one step? Oldest first, whole runs, up to $limit rows; '' where there is nothing to delete.
-- Parameters: $limit BIGINT (rows).
WITH whole AS (
    SELECT run_id FROM temp.main.rollcall_kept WHERE whole
),
going AS (
    -- One row for each row of the ledger that is to go, with the run that it goes with.
    SELECT run_id FROM rollcall.runs WHERE run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept)
    UNION ALL
    SELECT run_id FROM rollcall.changes
    WHERE run_id NOT IN (SELECT run_id FROM whole)
      AND (state <> 'planned' OR run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept))
    UNION ALL
    SELECT run_id FROM rollcall.drift WHERE run_id NOT IN (SELECT run_id FROM whole)
    UNION ALL
    SELECT until_run FROM rollcall.rejects WHERE until_run NOT IN (SELECT run_id FROM whole)
),
counted AS (
    -- How many rows go before those of the run. Run IDs are in the order of time.
    SELECT run_id, sum(count(*)) OVER (ORDER BY run_id) - count(*) AS before FROM going GROUP BY run_id
)
SELECT coalesce(max(run_id), '') AS until
FROM counted
WHERE before < $limit;

-- name: DeleteChanges
-- Delete the changes of old runs, but for the plans of runs that stay.
-- Parameters: $until VARCHAR (runs up to this one).
DELETE FROM rollcall.changes
WHERE run_id <= $until
  AND run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept WHERE whole)
  AND (state <> 'planned' OR run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept));

-- name: DeleteDrift
-- Delete the drift of old runs.
-- Parameters: $until VARCHAR (runs up to this one).
DELETE FROM rollcall.drift
WHERE run_id <= $until AND run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept WHERE whole);

-- name: DeleteRejects
-- Delete rejects that ended with old runs, and those of syncs that are deleted with all their runs.
-- Parameters: $until VARCHAR (runs up to this one).
DELETE FROM rollcall.rejects
WHERE until_run <= $until AND until_run NOT IN (SELECT run_id FROM temp.main.rollcall_kept WHERE whole)
   OR until_run IS NULL AND sync NOT IN (SELECT name FROM rollcall.syncs) AND sync NOT IN (SELECT sync FROM rollcall.runs);

-- name: CountOld
-- How many calls, and readings of associations, should have been deleted by now?
-- Parameters: $before, $reads_before TIMESTAMPTZ (older calls, older readings).
SELECT
    (SELECT count(*) FROM rollcall.calls WHERE called_at < $before::TIMESTAMPTZ) AS calls,
    (SELECT count(*) FROM rollcall.link_reads WHERE read_at < $reads_before::TIMESTAMPTZ) AS reads;

-- name: DeleteReads
-- Delete when associations were read that no run has needed for long.
DELETE FROM rollcall.link_reads
WHERE read_at < $before;

-- name: DeleteUnread
-- Delete what is known of others' associations of records of which it is not known when they were read. Those on pairs that a sync has linked stay: they tell what others have changed since.
DELETE FROM rollcall.links
WHERE sync IS NULL
  AND (target, from_record_id) NOT IN (SELECT (target, from_record_id) FROM rollcall.link_reads)
  AND (target, from_record_id, to_record_id) NOT IN (SELECT (target, from_record_id, to_record_id) FROM rollcall.links WHERE sync IS NOT NULL);

-- name: DeleteLinks
-- Delete what is known of the associations of syncs that are deleted with all their runs.
DELETE FROM rollcall.links
WHERE sync NOT IN (SELECT name FROM rollcall.syncs WHERE name IS NOT NULL) AND sync NOT IN (SELECT sync FROM rollcall.runs);

-- name: DeleteClaims
-- Delete their claims.
DELETE FROM rollcall.link_claims
WHERE sync NOT IN (SELECT name FROM rollcall.syncs WHERE name IS NOT NULL) AND sync NOT IN (SELECT sync FROM rollcall.runs);

-- name: DeleteCalls
-- Delete old calls.
DELETE FROM rollcall.calls
WHERE called_at < $before;

-- name: DeleteRuns
-- Delete old runs.
-- Parameters: $until VARCHAR (runs up to this one).
DELETE FROM rollcall.runs
WHERE run_id <= $until AND run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept);

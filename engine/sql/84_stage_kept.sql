-- Runs whose rows stay in the ledger: young ones, those at work or with changes still to reconcile, each sync's last of each kind and list, and the last that has its row, those that were approved, and whose plan theirs is. whole: with all their changes.
-- Makes rollcall_kept from rollcall.runs, rollcall.changes, rollcall.approvals, rollcall.syncs.
-- Parameters: $before TIMESTAMPTZ (older runs may go).
CREATE OR REPLACE TEMP TABLE rollcall_kept AS
WITH judged AS (
    SELECT
        run_id,
        plan_run_id,
        run_at >= $before OR status = 'RUNNING' OR run_id IN (SELECT run_id FROM rollcall.changes WHERE state IN ('sent', 'unknown')) AS whole,
        sync IN (SELECT name FROM rollcall.syncs)
            AND row_number() OVER (PARTITION BY sync, list_id, status, dry_run, undoes IS NULL, n_emails IS NULL ORDER BY run_at DESC, run_id DESC) = 1 AS is_last,
        sync IN (SELECT name FROM rollcall.syncs) AND row_json IS NOT NULL
            AND row_number() OVER (PARTITION BY sync, row_json IS NULL ORDER BY run_id DESC) = 1 AS has_row
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
    SELECT plan_run_id, false FROM kept WHERE plan_run_id IS NOT NULL
)
GROUP BY run_id;

-- What people ask most, as views.

CREATE VIEW rollcall.history AS
SELECT
    run_at,
    sync,
    status,
    list_id,
    n_emails,
    n_current_before,
    n_to_add,
    n_to_remove,
    n_added,
    n_removed,
    n_missing,
    n_unmatched,
    n_invalid,
    n_final,
    n_drift,
    api_calls,
    api_retries,
    date_diff('millisecond', run_at, finished_at) / 1000.0 AS seconds,
    detail,
    error,
    hint,
    run_id
FROM rollcall.runs;

CREATE VIEW rollcall.status AS
WITH latest AS (
    -- A dry run says nothing about how the list stands, so it hides no other; it is all there is of a row that only tries.
    SELECT r.* FROM rollcall.runs r
    JOIN rollcall.syncs s ON s.name = r.sync
    QUALIFY row_number() OVER (
        PARTITION BY r.sync
        ORDER BY coalesce(r.dry_run, false) AND NOT coalesce(s.dry_run, false), r.run_at DESC, r.run_id DESC
    ) = 1
),
succeeded AS (
    SELECT sync, max(run_at) AS succeeded_at FROM rollcall.runs
    WHERE status = 'SUCCEEDED' GROUP BY sync
)
SELECT
    s.name AS sync,
    CASE
        WHEN NOT coalesce(s.enabled, true) THEN 'DISABLED'
        WHEN l.run_id IS NULL THEN 'NEVER_RUN'
        ELSE l.status
    END AS state,
    l.run_at AS last_run_at,
    succeeded.succeeded_at AS last_success_at,
    coalesce(l.list_id, s.list_id) AS list_id,
    l.n_final AS members,
    l.n_added,
    l.n_removed,
    l.n_unmatched,
    l.n_invalid,
    l.n_drift,
    coalesce(l.error, l.detail) AS detail,
    CASE
        WHEN NOT coalesce(s.enabled, true) THEN 'set enabled = true to run it'
        WHEN l.run_id IS NULL THEN 'rollcall plan ' || s.name
        WHEN l.status = 'BLOCKED' AND EXISTS (
            SELECT 1 FROM rollcall.approvals a WHERE a.run_id = l.run_id AND a.used_at IS NULL
        ) THEN 'approved: rollcall ' || coalesce('undo ' || l.undoes, 'run ' || s.name) || ' applies it'
        WHEN l.status = 'BLOCKED' THEN 'look at the plan, then rollcall approve ' || l.run_id
        WHEN l.hint IS NULL AND l.n_drift > 0 THEN 'see who: rollcall sql -c "FROM rollcall.drift WHERE run_id = ''' || l.run_id || '''"'
        ELSE l.hint
    END AS what_to_do,
    l.run_id
FROM rollcall.syncs s
LEFT JOIN latest l ON l.sync = s.name
LEFT JOIN succeeded ON succeeded.sync = s.name;

CREATE VIEW rollcall.unmatched AS
SELECT r.sync, j.key, j.reason, j.detail, r.run_at, r.run_id
FROM rollcall.rejects j
JOIN (
    SELECT sync, run_id, run_at FROM rollcall.runs
    WHERE n_emails IS NOT NULL
    QUALIFY row_number() OVER (PARTITION BY sync ORDER BY run_at DESC, run_id DESC) = 1
) r ON r.run_id = j.run_id;

COMMENT ON VIEW rollcall.history IS 'Every run of every sync, one row each, with its duration in seconds.';
COMMENT ON VIEW rollcall.status IS 'One row a sync: its last run (a dry run only where the row has no other), its state, and what to do next.';
COMMENT ON VIEW rollcall.unmatched IS 'Keys that the last run of each sync could not use, and why.';

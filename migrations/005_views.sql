-- Views that have changed or come new since 003.

CREATE OR REPLACE VIEW rollcall.unmatched AS
SELECT j.sync, j.key, j.reason, j.detail, r.run_at, r.run_id, j.since_run
FROM rollcall.rejects j
LEFT JOIN (
    -- Undoing a run asks for no keys.
    SELECT sync, run_id, run_at FROM rollcall.runs
    WHERE n_emails IS NOT NULL AND undoes IS NULL
    QUALIFY row_number() OVER (PARTITION BY sync ORDER BY run_at DESC, run_id DESC) = 1
) r ON r.sync = j.sync
WHERE j.until_run IS NULL;

COMMENT ON VIEW rollcall.unmatched IS 'Keys that the last run of each sync could not use, why, and since which run.';

CREATE OR REPLACE VIEW rollcall.history AS
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
    seconds,
    detail,
    error,
    hint,
    warning,
    coalesce(made_list, false) AS made_list,
    run_id
FROM rollcall.runs;

CREATE OR REPLACE VIEW rollcall.status AS
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
    l.warning,
    -- NULL where only the next `rollcall run` or `rollcall status` knows it.
    CASE WHEN coalesce(s.enabled, true) AND trim(l.schedule) IS NOT DISTINCT FROM trim(s.schedule) THEN l.next_run_at END AS next_run_at,
    CASE
        WHEN NOT coalesce(s.enabled, true) THEN 'set enabled = true to run it'
        WHEN l.run_id IS NULL THEN 'rollcall plan ' || s.name
        WHEN l.status = 'BLOCKED' AND EXISTS (
            SELECT 1 FROM rollcall.approvals a WHERE a.run_id = l.run_id AND a.used_at IS NULL
        ) THEN 'approved: rollcall ' || coalesce('undo ' || l.undoes, 'run ' || s.name) || ' applies it'
        WHEN l.status = 'BLOCKED' THEN 'look at the plan, then rollcall approve ' || l.run_id
        WHEN l.hint IS NULL AND l.n_drift > 0 THEN 'see who: rollcall sql -c "FROM rollcall.drift WHERE run_id = ''' || l.run_id || '''"'
        WHEN l.hint IS NULL AND l.warning IS NOT NULL THEN 'see what the query returns: rollcall sql --sync ' || s.name || ' -c "FROM desired"'
        ELSE l.hint
    END AS what_to_do,
    l.run_id
FROM rollcall.syncs s
LEFT JOIN latest l ON l.sync = s.name
LEFT JOIN succeeded ON succeeded.sync = s.name;

COMMENT ON VIEW rollcall.history IS 'Every run of every sync, one row each.';
COMMENT ON COLUMN rollcall.history.seconds IS 'Seconds spent on this sync alone; see runs.seconds.';
COMMENT ON COLUMN rollcall.history.warning IS 'What should be looked at though the run succeeded.';
COMMENT ON COLUMN rollcall.history.made_list IS 'Did this run make the list?';

COMMENT ON VIEW rollcall.status IS 'One row a sync: its last run (a dry run only where the row has no other), its state, and what to do next.';
COMMENT ON COLUMN rollcall.status.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.status.state IS 'DISABLED, NEVER_RUN, or the status of the last run.';
COMMENT ON COLUMN rollcall.status.members IS 'Members of the list after the last run.';
COMMENT ON COLUMN rollcall.status.detail IS 'What the last run did, or its error.';
COMMENT ON COLUMN rollcall.status.warning IS 'What should be looked at though the last run succeeded.';
COMMENT ON COLUMN rollcall.status.next_run_at IS 'When rollcall run takes the sync next. NULL: at the next rollcall run (no schedule; interrupted; schedule changed since), or it is disabled. For a row that never ran: first date of its schedule after created_at, which rollcall status works out.';
COMMENT ON COLUMN rollcall.status.what_to_do IS 'What to do next. NULL: nothing.';
COMMENT ON COLUMN rollcall.status.run_id IS 'The last run, see runs.';

-- Views of approvals: which of them let a plan pass. Names of tables stand without their schema: DuckDB looks for them in the view's own
-- first, and in a database that is called rollcall itself it takes rollcall.runs for ambiguous. A temp table of the same name would hide the
-- table, so no set of Rollcall's has one.

CREATE VIEW rollcall.approval_status AS
WITH given AS (
    SELECT
        a.run_id,
        coalesce(r.sync, a.sync) AS sync,
        r.undoes,
        a.approved_by,
        a.approved_at,
        -- A run is approved once: who says so again does not extend it.
        min(coalesce(a.expires_at, coalesce(a.approved_at, r.run_at) + INTERVAL 72 HOUR)) OVER (PARTITION BY a.run_id, coalesce(a.plan_hash, r.plan_hash)) AS expires_at,
        a.used_by,
        a.used_at,
        list(a.used_by) OVER (PARTITION BY a.run_id) AS users,
        r.status,
        coalesce(a.plan_hash, r.plan_hash) IS NOT DISTINCT FROM r.plan_hash AND coalesce(a.sync, r.sync) = r.sync AS fits
    FROM approvals a
    LEFT JOIN runs r ON r.run_id = a.run_id
),
blocked AS (
    SELECT run_id, sync, coalesce(undoes, '') AS undoes, coalesce(epoch, 0) AS epoch, list_id, makes_list, coalesce(plan_run_id, run_id) AS plan_id,
        CASE WHEN list_contains(string_split(guards, ','), 'min_rows') THEN n_emails END AS too_few,
        CASE WHEN list_contains(string_split(guards, ','), 'max_changes') THEN n_to_add + n_to_remove + coalesce(n_to_update, 0) END AS too_many
    FROM runs
    WHERE status = 'BLOCKED' AND run_id IN (SELECT run_id FROM approvals)
),
success AS (
    -- The first run after it, of the same sync and undoing the same, that ended well. Runs are in the order of their leases.
    SELECT b.run_id, e.epoch
    FROM blocked b
    ASOF JOIN (
        SELECT sync, coalesce(undoes, '') AS undoes, coalesce(epoch, 0) AS epoch
        FROM runs
        WHERE status IN ('SUCCEEDED', 'PARTIAL')
    ) e ON e.sync = b.sync AND e.undoes = b.undoes AND b.epoch < e.epoch
),
later AS (
    -- What ran until then.
    SELECT
        b.run_id AS blocked_run,
        b.plan_id AS blocked_plan,
        l.run_id,
        coalesce(l.epoch, 0) AS epoch,
        l.status,
        coalesce(l.finished_at, l.run_at) AS ended_at,
        coalesce(l.plan_run_id, l.run_id) AS plan_id,
        coalesce(l.made_list, false) AS made_list,
        l.list_id IS NOT DISTINCT FROM b.list_id AND l.makes_list IS NOT DISTINCT FROM b.makes_list AS same_list,
        l.approved_run IS NOT DISTINCT FROM b.run_id AS under_this_approval,
        -- It had too few keys, and the plan that was approved had enough, or more.
        coalesce(list_contains(string_split(l.guards, ','), 'min_rows'), false) AND (b.too_few IS NULL OR l.n_emails < b.too_few) AS fewer,
        -- And too many changes, where the plan that was approved had few enough, or fewer.
        coalesce(list_contains(string_split(l.guards, ','), 'max_changes'), false) AND (b.too_many IS NULL OR l.n_to_add + l.n_to_remove + coalesce(l.n_to_update, 0) > b.too_many) AS more
    FROM (SELECT b.*, s.epoch AS last FROM blocked b LEFT JOIN success s ON s.run_id = b.run_id) b
    JOIN runs l ON l.sync = b.sync
        AND coalesce(l.undoes, '') = b.undoes
        AND coalesce(l.epoch, 0) > b.epoch
        AND (b.last IS NULL OR coalesce(l.epoch, 0) <= b.last)
        AND NOT coalesce(l.dry_run, false)
),
removes_others AS (
    SELECT DISTINCT l.blocked_run, l.run_id
    FROM later l
    JOIN changes c ON c.run_id = l.plan_id AND c.action IN ('remove', 'unlink', 'clear', 'archive')
    ANTI JOIN changes seen ON seen.run_id = l.blocked_plan AND seen.action = c.action AND seen.record_id = c.record_id
        AND seen.to_record_id IS NOT DISTINCT FROM c.to_record_id AND seen.association_type IS NOT DISTINCT FROM c.association_type
    WHERE l.status = 'BLOCKED' AND l.plan_id <> l.blocked_plan
),
sent AS (
    SELECT DISTINCT l.blocked_run, l.run_id
    FROM later l
    JOIN changes c ON c.run_id = l.run_id AND c.state <> 'planned'
    WHERE l.status IN ('FAILED', 'INTERRUPTED', 'RUNNING') AND NOT l.under_this_approval
),
superseding AS (
    SELECT l.*
    FROM later l
    LEFT JOIN removes_others o ON o.blocked_run = l.blocked_run AND o.run_id = l.run_id
    LEFT JOIN sent ON sent.blocked_run = l.blocked_run AND sent.run_id = l.run_id
    WHERE l.status IN ('SUCCEEDED', 'PARTIAL')
       OR l.status = 'BLOCKED' AND (NOT l.same_list OR l.fewer OR l.more OR o.run_id IS NOT NULL)
       OR l.status IN ('FAILED', 'INTERRUPTED', 'RUNNING') AND NOT l.under_this_approval AND (l.made_list OR sent.run_id IS NOT NULL)
    QUALIFY row_number() OVER (PARTITION BY l.blocked_run ORDER BY l.epoch) = 1
)
SELECT
    g.run_id,
    g.sync,
    g.undoes,
    g.approved_by,
    g.approved_at,
    g.expires_at,
    g.used_by,
    g.used_at,
    CASE
        WHEN g.status IS NULL THEN 'there is no run ' || g.run_id
        WHEN g.status <> 'BLOCKED' THEN 'run ' || g.run_id || ' of ' || g.sync || ' is ' || g.status
        WHEN NOT g.fits THEN 'run ' || g.run_id || ' has another plan, or is of another sync'
        WHEN s.status IN ('SUCCEEDED', 'PARTIAL') AND (s.under_this_approval OR list_contains(g.users, s.run_id))
            THEN 'already applied by run ' || s.run_id || strftime(make_timestamp(epoch_us(s.ended_at)), ' at %Y-%m-%d %H:%M:%S UTC')
        WHEN s.run_id IS NOT NULL
            THEN 'superseded by run ' || s.run_id || ', ' || s.status || strftime(make_timestamp(epoch_us(s.ended_at)), ' at %Y-%m-%d %H:%M:%S UTC')
        WHEN g.used_at IS NOT NULL AND u.run_id IS NULL
            THEN 'used up by run ' || coalesce(g.used_by, '(unknown)') || strftime(make_timestamp(epoch_us(g.used_at)), ' at %Y-%m-%d %H:%M:%S UTC')
    END AS void_reason
FROM given g
LEFT JOIN superseding s ON s.blocked_run = g.run_id
LEFT JOIN runs u ON u.run_id = g.used_by AND u.approved_run = g.run_id;

COMMENT ON VIEW rollcall.approval_status IS 'One row an approval: the outcome, and why it lets nothing pass where it does not.';
COMMENT ON COLUMN rollcall.approval_status.run_id IS 'The BLOCKED run whose plan may pass.';
COMMENT ON COLUMN rollcall.approval_status.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.approval_status.undoes IS 'The run that the plan undoes. NULL: it comes from the query.';
COMMENT ON COLUMN rollcall.approval_status.approved_by IS 'Who approved it.';
COMMENT ON COLUMN rollcall.approval_status.approved_at IS 'When.';
COMMENT ON COLUMN rollcall.approval_status.expires_at IS 'Until when it counts, counted from the first approval of the run.';
COMMENT ON COLUMN rollcall.approval_status.used_by IS 'The run that used it.';
COMMENT ON COLUMN rollcall.approval_status.used_at IS 'When that was.';
COMMENT ON COLUMN rollcall.approval_status.void_reason IS 'Why it lets nothing pass. NULL: it does, until expires_at.';

CREATE VIEW rollcall.pending_approvals AS
SELECT sync, undoes, run_id, approved_by, approved_at, expires_at, used_by, used_at
FROM approval_status
WHERE void_reason IS NULL AND expires_at > now();

COMMENT ON VIEW rollcall.pending_approvals IS 'Approvals that count: a plan of the sync, or of undoing the same run, passes if all that it removes, and the list that it makes, are in the plan of run_id.';
COMMENT ON COLUMN rollcall.pending_approvals.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.pending_approvals.undoes IS 'The run that the plan undoes. NULL: it comes from the query.';
COMMENT ON COLUMN rollcall.pending_approvals.run_id IS 'The BLOCKED run whose plan may pass.';
COMMENT ON COLUMN rollcall.pending_approvals.approved_by IS 'Who approved it.';
COMMENT ON COLUMN rollcall.pending_approvals.approved_at IS 'When.';
COMMENT ON COLUMN rollcall.pending_approvals.expires_at IS 'Until when it counts.';
COMMENT ON COLUMN rollcall.pending_approvals.used_by IS 'The run that began the plan and was cut short. NULL: none yet.';
COMMENT ON COLUMN rollcall.pending_approvals.used_at IS 'When that was.';

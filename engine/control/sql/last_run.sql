-- name: ReadLastRuns
-- What is the outcome of each sync's last run? Not of what undid a run, or only rehearsed where the row does not say that it always does, unless it held its runner.
-- Parameters: $now TIMESTAMPTZ, $exclusive BOOLEAN (no other process has the database open).
WITH ended AS (
    -- Runs that count for the schedule. bool_or: several rows may have one name.
    SELECT r.sync, r.run_id, r.run_at, r.status, r.row_sha256, r.epoch, CASE WHEN r.held_runner THEN r.query_sha256 END AS held_query
    FROM rollcall.runs r
    LEFT JOIN (SELECT name, bool_or(dry_run) AS dry_run FROM rollcall.syncs GROUP BY name) s ON s.name = r.sync
    WHERE r.undoes IS NULL AND (NOT coalesce(r.dry_run, false) OR coalesce(s.dry_run, false) OR coalesce(r.held_runner, false))
),
latest AS (
    SELECT * FROM ended
    QUALIFY row_number() OVER (PARTITION BY sync ORDER BY coalesce(epoch, 0) DESC, run_id DESC) = 1
),
other AS (
    -- The last run that did not fail: failures are counted from there on.
    SELECT sync, max((coalesce(epoch, 0), run_id)) AS run FROM ended WHERE status <> 'FAILED' GROUP BY sync
),
failures AS (
    SELECT ended.sync, count(*) AS n
    FROM ended
    LEFT JOIN other ON other.sync = ended.sync
    WHERE ended.status = 'FAILED' AND (other.run IS NULL OR (coalesce(ended.epoch, 0), ended.run_id) > other.run)
    GROUP BY ended.sync
)
SELECT
    latest.sync,
    latest.run_at,
    latest.status = 'FAILED' AS failed,
    -- A run that is RUNNING without the lease has no runner any more.
    latest.status = 'INTERRUPTED' OR latest.status = 'RUNNING' AND ($exclusive::BOOLEAN OR NOT EXISTS (
        SELECT 1 FROM rollcall.lease
        WHERE owner IS NOT NULL AND lease.epoch = latest.epoch AND expires_at > $now::TIMESTAMPTZ
    )) AS interrupted,
    latest.status = 'BLOCKED' AS blocked,
    coalesce(failures.n, 0) AS failures,
    coalesce(latest.row_sha256, '') AS row_sha256,
    coalesce(latest.held_query, '') AS held_query
FROM latest
LEFT JOIN failures ON failures.sync = latest.sync;

-- name: ReadApproved
-- Which syncs have an approval that counts? Apart from ReadLastRuns, because few runs are blocked and the engine takes long to plan a query over the view.
-- Parameters: $now TIMESTAMPTZ.
SELECT DISTINCT sync
FROM rollcall.approval_status
WHERE sync IS NOT NULL AND undoes IS NULL AND void_reason IS NULL AND expires_at > $now::TIMESTAMPTZ;

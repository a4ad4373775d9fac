-- Count the changes of runs again that were just closed, or some of whose changes were just reconciled.
-- Writes rollcall.runs; reads rollcall.changes.
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

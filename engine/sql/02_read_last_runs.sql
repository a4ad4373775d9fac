-- When did each sync last begin a run? Not counting what was interrupted, what undid a run, or only rehearsed where the row does not say that it always is.
-- Reads rollcall.runs, rollcall.syncs.
-- Parameters: none.
SELECT r.sync, max(r.run_at) AS run_at
FROM rollcall.runs r
LEFT JOIN rollcall.syncs s ON s.name = r.sync
WHERE r.status <> 'INTERRUPTED' AND r.undoes IS NULL AND (NOT coalesce(r.dry_run, false) OR coalesce(s.dry_run, false))
GROUP BY r.sync;

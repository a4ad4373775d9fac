-- When did each sync last begin a run? One that was interrupted does not count, nor one that only rehearsed, unless its row says that it
-- always does.
-- Reads rollcall.runs, rollcall.syncs.
-- Parameters: none.
SELECT r.sync, max(r.run_at) AS run_at
FROM rollcall.runs r
LEFT JOIN rollcall.syncs s ON s.name = r.sync
WHERE r.status <> 'INTERRUPTED' AND (NOT coalesce(r.dry_run, false) OR coalesce(s.dry_run, false))
GROUP BY r.sync;

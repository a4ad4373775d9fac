-- Which syncs have had runs on a list that ended well, and which of their runs was the last?
-- Reads rollcall.runs.
-- Parameters: none.
SELECT list_id, sync, max(run_id) AS run_id
FROM rollcall.runs
WHERE status IN ('SUCCEEDED', 'PARTIAL') AND list_id IS NOT NULL
GROUP BY list_id, sync;

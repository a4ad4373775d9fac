-- Which run of the sync was blocked last?
-- Reads rollcall.runs.
-- Parameters: $sync VARCHAR.
SELECT run_id
FROM rollcall.runs
WHERE sync = $sync AND status = 'BLOCKED'
ORDER BY coalesce(epoch, 0) DESC, run_id DESC
LIMIT 1;

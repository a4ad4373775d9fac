-- The first removals of a recorded plan, those with a key before the others, for people to look at.
-- Reads rollcall.runs, rollcall.changes.
-- Parameters: $run_id VARCHAR, $limit BIGINT.
SELECT c.action, c.record_id, coalesce(c.key, '') AS key, coalesce(c.cause, '') AS cause
FROM rollcall.runs r
JOIN rollcall.changes c ON c.run_id = coalesce(r.plan_run_id, r.run_id)
WHERE r.run_id = $run_id AND c.action = 'remove'
ORDER BY c.key NULLS LAST, c.record_id
LIMIT $limit;

-- Which query had each sync's last run that came to a plan? Undoing a run has none.
-- Reads rollcall.runs.
-- Parameters: none.
SELECT sync, arg_max(coalesce(query, ''), run_id) AS query
FROM rollcall.runs
WHERE plan_hash IS NOT NULL AND undoes IS NULL
GROUP BY sync;

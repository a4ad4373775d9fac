-- When did each sync last begin a run?
-- Reads rollcall.runs.
-- Parameters: none.
SELECT sync, max(run_at) AS run_at
FROM rollcall.runs
GROUP BY sync;

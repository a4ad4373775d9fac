-- Which runs begin so? One whose ID it is comes first.
-- Reads rollcall.runs.
-- Parameters: $beginning VARCHAR, $limit BIGINT.
SELECT run_id, sync, status
FROM rollcall.runs
WHERE starts_with(lower(run_id), lower($beginning::VARCHAR))
ORDER BY lower(run_id) <> lower($beginning::VARCHAR), run_id
LIMIT $limit;

-- One run, and its plan in numbers.
-- Reads rollcall.runs.
-- Parameters: $run_id VARCHAR.
SELECT
    sync, status, coalesce(undoes, '') AS undoes, run_at, coalesce(list_id, '') AS list_id, coalesce(makes_list, '') AS makes_list,
    coalesce(n_current_before, 0) AS n_current_before, coalesce(n_to_add, 0) AS n_to_add, coalesce(n_to_remove, 0) AS n_to_remove, coalesce(error, '') AS error
FROM rollcall.runs
WHERE run_id = $run_id;

-- The run's row, once its plan is known.
-- Writes rollcall.runs.
-- Parameters: $run_id, $list_id, $makes_list, $plan_hash, $plan_run_id, $approved_run, $guards VARCHAR; the counts BIGINT.
UPDATE rollcall.runs
SET list_id = $list_id,
    makes_list = $makes_list,
    plan_hash = $plan_hash,
    plan_run_id = $plan_run_id,
    approved_run = $approved_run,
    guards = $guards,
    n_rows = $n_rows,
    n_blank = $n_blank,
    n_duplicate = $n_duplicate,
    n_invalid = $n_invalid,
    n_emails = $n_emails,
    n_resolved = $n_resolved,
    n_unmatched = $n_unmatched,
    n_current_before = $n_current_before,
    n_to_add = $n_to_add,
    n_to_remove = $n_to_remove
WHERE run_id = $run_id;

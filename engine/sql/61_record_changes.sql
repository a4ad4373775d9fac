-- Keeps the plan before anything is sent.
-- Writes rollcall.changes; reads plan.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $list_id VARCHAR, $now TIMESTAMPTZ, $after BIGINT (batches after this one).
INSERT INTO rollcall.changes (run_id, sync, list_id, action, record_id, key, cause, state, batch, changed_at)
SELECT $run_id, $sync, $list_id, action, record_id, key, cause, 'planned', batch, $now
FROM temp.main.plan
WHERE batch > $after;

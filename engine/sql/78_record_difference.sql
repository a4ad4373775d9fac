-- Keeps the difference that reading the list back has shown.
-- Writes rollcall.drift; reads rollcall_difference.
-- Parameters: $run_id, $sync, $list_id VARCHAR; $now TIMESTAMPTZ.
INSERT INTO rollcall.drift (run_id, sync, list_id, record_id, key, kind, cause, found_at)
SELECT $run_id, $sync, $list_id, record_id, key, kind, cause, $now
FROM temp.main.rollcall_difference
WHERE is_drift;

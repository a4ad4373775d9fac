-- Insert members that are on the list when it is read back: managed where Rollcall's own removal did not take effect, foreign otherwise.
-- Writes rollcall.members; reads rollcall_difference.
-- Parameters: $run_id, $sync, $list_id VARCHAR; $now TIMESTAMPTZ.
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT $list_id, record_id, key, $sync, $run_id, $now, cause <> 'not_applied'
FROM temp.main.rollcall_difference
WHERE kind = 'appeared';

-- Records that are gone, and whose keys have been asked for again: what became of the keys is told elsewhere.
-- Writes rollcall.changes; reads rollcall_questions.
-- Parameters: $run_id VARCHAR, $reason VARCHAR, $now TIMESTAMPTZ.
UPDATE rollcall.changes
SET reason = $reason, changed_at = $now
WHERE run_id = $run_id AND action = 'add' AND state = 'missing'
  AND key IN (SELECT key FROM temp.main.rollcall_questions);

-- The answer to a batch that a dead runner sent is not known.
-- Writes rollcall.changes; reads rollcall.runs.
-- Parameters: $epoch BIGINT (ours; older ones are dead), $now TIMESTAMPTZ.
UPDATE rollcall.changes
SET state = 'unknown', reason = 'the runner stopped before the answer', changed_at = $now
WHERE state = 'sent'
  AND run_id IN (SELECT run_id FROM rollcall.runs WHERE status = 'RUNNING' AND epoch < $epoch);

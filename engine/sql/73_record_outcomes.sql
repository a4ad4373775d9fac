-- Keeps the outcomes.
-- Writes rollcall.changes; reads outcomes.
-- Parameters: $run_id VARCHAR, $batch BIGINT, $now TIMESTAMPTZ.
UPDATE rollcall.changes
SET state = o.state, reason = o.reason, changed_at = $now
FROM temp.main.outcomes o
WHERE changes.run_id = $run_id
  AND changes.batch = $batch
  AND changes.action = o.action
  AND changes.record_id = o.record_id;

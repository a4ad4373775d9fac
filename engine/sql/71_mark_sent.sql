-- From now on these changes may have reached HubSpot.
-- Writes rollcall.changes.
-- Parameters: $run_id VARCHAR, $batch BIGINT, $now TIMESTAMPTZ.
UPDATE rollcall.changes
SET state = 'sent', changed_at = $now
WHERE run_id = $run_id AND batch = $batch;

-- Changes whose answer the ledger does not know become what the journal says.
-- Writes rollcall.changes; reads rollcall_journal.
-- Parameters: $now TIMESTAMPTZ.
UPDATE rollcall.changes
SET state = j.state, reason = j.reason, changed_at = $now
FROM temp.main.rollcall_journal j
WHERE changes.run_id = j.run_id
  AND changes.batch = j.batch
  AND changes.action = j.action
  AND changes.record_id = j.record_id
  AND changes.state IN ('sent', 'unknown');

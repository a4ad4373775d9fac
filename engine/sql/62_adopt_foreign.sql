-- Foreign members that are desired now are Rollcall's from now on.
-- Writes rollcall.members; reads resolved.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $list_id VARCHAR, $now TIMESTAMPTZ.
UPDATE rollcall.members
SET is_foreign = false, sync = $sync, run_id = $run_id, since = $now
WHERE list_id = $list_id AND is_foreign
  AND record_id IN (SELECT record_id FROM temp.main.resolved);

-- Keys that can be used now, or are not asked for any more: their spans end.
-- Writes rollcall.rejects; reads rejected.
-- Parameters: $run_id VARCHAR, $sync VARCHAR.
UPDATE rollcall.rejects
SET until_run = $run_id
WHERE sync = $sync AND until_run IS NULL
  AND (key, reason) NOT IN (SELECT (key, reason) FROM temp.main.rejected);

-- Keeps the keys that could not be used.
-- Writes rollcall.rejects; reads rejects.
-- Parameters: $run_id VARCHAR, $sync VARCHAR.
INSERT INTO rollcall.rejects (run_id, sync, key, reason, detail)
SELECT $run_id, $sync, key, reason, detail
FROM temp.main.rejects;

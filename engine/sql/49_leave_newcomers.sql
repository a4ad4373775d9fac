-- Who joined the list while it was read is left alone until the next run.
-- Writes differing; reads rollcall_newcomers.
-- Parameters: $sync INTEGER.
DELETE FROM temp.main.differing
WHERE record_id IN (SELECT record_id FROM temp.main.rollcall_newcomers WHERE sync = $sync);

-- Delete members that are not on the list when it is read back, whatever HubSpot answered.
-- Writes rollcall.members; reads rollcall_difference.
-- Parameters: $list_id VARCHAR.
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id IN (SELECT record_id FROM temp.main.rollcall_difference WHERE kind = 'disappeared');

-- Members that somebody took out of the list, and that are not to be put back, are no longer on it.
-- Writes rollcall.members; reads current, plan.
-- Parameters: $list_id VARCHAR.
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id NOT IN (SELECT record_id FROM temp.main.current)
  AND record_id NOT IN (SELECT record_id FROM temp.main.plan WHERE action = 'add');

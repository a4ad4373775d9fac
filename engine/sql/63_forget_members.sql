-- Members that somebody took out of the list, and that are not to be put back, are no longer Rollcall's.
-- Writes rollcall.members; reads applied, current, plan.
-- Parameters: $list_id VARCHAR.
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id IN (
      SELECT record_id FROM temp.main.applied
      EXCEPT
      SELECT record_id FROM temp.main.current
      EXCEPT
      SELECT record_id FROM temp.main.plan WHERE action = 'add'
  );

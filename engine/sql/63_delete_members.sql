-- Delete members that left the list by other means than Rollcall, and that the plan does not put back.
-- Writes rollcall.members; reads current, plan.
-- Parameters: $list_id VARCHAR.
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id NOT IN (SELECT record_id FROM temp.main.current)
  AND record_id NOT IN (SELECT record_id FROM temp.main.plan WHERE action = 'add');

-- Delete members that a removal took off the list, or that an addition did not put on it.
-- Writes rollcall.members; reads outcomes.
-- Parameters: $list_id VARCHAR.
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id IN (
      SELECT record_id FROM temp.main.outcomes
      WHERE (action = 'remove' AND state IN ('done', 'already', 'missing'))
         OR (action = 'add' AND state IN ('missing', 'failed'))
  );

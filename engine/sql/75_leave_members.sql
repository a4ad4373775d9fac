-- Who is off the list after a removal, or did not get onto it, is not on it.
-- Writes rollcall.members; reads outcomes.
-- Parameters: $list_id VARCHAR.
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id IN (
      SELECT record_id FROM temp.main.outcomes
      WHERE (action = 'remove' AND state IN ('done', 'already', 'missing'))
         OR (action = 'add' AND state IN ('missing', 'failed'))
  );

-- Which lists have changes whose answer was lost?
-- Reads rollcall.changes.
-- Parameters: none.
SELECT DISTINCT list_id
FROM rollcall.changes
WHERE state IN ('unknown', 'sent');

-- Which lists have changes whose answer was lost?
-- Reads rollcall_pending_unknown.
-- Parameters: none.
SELECT DISTINCT list_id
FROM temp.main.rollcall_pending_unknown;

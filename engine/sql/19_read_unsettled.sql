-- Which lists have changes whose answer was lost?
-- Reads rollcall_unsettled.
-- Parameters: none.
SELECT DISTINCT list_id
FROM temp.main.rollcall_unsettled;

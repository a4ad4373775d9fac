-- Did the pages hold every member? From one side each comes once; the two sides may overlap where they meet.
-- Reads rollcall_pages.
-- Parameters: $sync INTEGER.
SELECT
    count(*) - count(DISTINCT (side, record_id)) AS repeated,
    count(DISTINCT record_id) AS members
FROM temp.main.rollcall_pages
WHERE sync = $sync;

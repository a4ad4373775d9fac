-- The list's members, from its pages.
-- Makes current from rollcall_pages.
-- Parameters: $sync INTEGER.
CREATE TEMP TABLE current AS
SELECT DISTINCT record_id
FROM temp.main.rollcall_pages
WHERE sync = $sync;

-- A reading that was not whole counts for nothing.
-- Writes rollcall_pages.
-- Parameters: $sync INTEGER.
DELETE FROM temp.main.rollcall_pages
WHERE sync = $sync;

-- Delete the pages of a reading that was not complete.
-- Writes rollcall_pages.
-- Parameters: $sync INTEGER.
DELETE FROM temp.main.rollcall_pages
WHERE sync = $sync;

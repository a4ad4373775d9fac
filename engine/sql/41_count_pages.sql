-- Did the pages hold every member once?
-- Reads pages.
-- Parameters: none.
SELECT count(*) AS read, count(DISTINCT record_id) AS members
FROM temp.main.pages;

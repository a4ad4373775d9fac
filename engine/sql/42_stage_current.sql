-- Who is on the list now.
-- Makes current from pages.
-- Parameters: none.
CREATE TEMP TABLE current AS
SELECT DISTINCT record_id
FROM temp.main.pages;

-- The pages have served.
-- Drops pages.
-- Parameters: none.
DROP TABLE temp.main.pages;

-- Record IDs as the list's pages gave them, repeats included.
-- Makes pages, anew for every reading of the list.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE pages (record_id BIGINT);

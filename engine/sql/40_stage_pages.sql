-- Record IDs as the pages of lists gave them; side is 1 for those read from the low end, 2 from the high end.
-- Makes rollcall_pages.
-- Parameters: none.
CREATE TEMP TABLE rollcall_pages (sync INTEGER, side INTEGER, record_id BIGINT);

-- Members that joined a list while it was read; filled from the pages.
-- Makes rollcall_newcomers.
-- Parameters: none.
CREATE TEMP TABLE rollcall_newcomers (sync INTEGER, record_id BIGINT);

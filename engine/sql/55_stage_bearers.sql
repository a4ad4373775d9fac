-- Keys that foreign members who would be removed have today, or may have; filled by the program.
-- Makes rollcall_bearers, anew.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE rollcall_bearers (key VARCHAR);

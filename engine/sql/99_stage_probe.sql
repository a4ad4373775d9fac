-- A set to ask with; filled by the program.
-- Makes rollcall_probe.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE rollcall_probe (id BIGINT);

-- The records to be removed as HubSpot has them now: one row a key, one a record that was merged into it, and one with neither for every record that was read; filled by the program.
-- Makes rollcall_records, anew.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE rollcall_records (record_id BIGINT, key VARCHAR, is_primary BOOLEAN, merged_id BIGINT);

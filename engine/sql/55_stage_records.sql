-- What HubSpot says today of records that would go, one row a key, and one without a key for every record that was read; filled by the program.
-- Makes rollcall_records, anew.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE rollcall_records (record_id BIGINT, key VARCHAR, is_primary BOOLEAN);

-- What is known about keys: the record ID, NULL where HubSpot has none. lookup_error is the number of the error if the lookup failed. is_primary: the key is the record's own value of the property, not a secondary address.
-- Makes rollcall_answers.
-- Parameters: none.
CREATE TEMP TABLE rollcall_answers (object_type_id VARCHAR, id_property VARCHAR, key VARCHAR, record_id BIGINT, remembered BOOLEAN, lookup_error INTEGER, is_primary BOOLEAN);

-- What is known about keys: the record ID, NULL where HubSpot said there is none. trouble is the number of an error, where one stood in the way. is_primary: the record bore the key as its own value of the property, not as a secondary address.
-- Makes rollcall_answers.
-- Parameters: none.
CREATE TEMP TABLE rollcall_answers (object_type_id VARCHAR, id_property VARCHAR, key VARCHAR, record_id BIGINT, remembered BOOLEAN, trouble INTEGER, is_primary BOOLEAN);

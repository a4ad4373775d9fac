-- Cache HubSpot's answers of this round for the next ones.
-- Writes rollcall.contacts; reads rollcall_answers.
-- Parameters: $now TIMESTAMPTZ.
INSERT INTO rollcall.contacts (object_type_id, id_property, key, record_id, learnt_at)
SELECT object_type_id, id_property, key, record_id, $now
FROM temp.main.rollcall_answers
WHERE NOT remembered AND lookup_error IS NULL;

-- Delete the cached answers that were looked up again, and those that are too old for every setting.
-- Writes rollcall.contacts; reads rollcall_answers.
-- Parameters: $before TIMESTAMPTZ.
DELETE FROM rollcall.contacts
WHERE learnt_at < $before
   OR (object_type_id, id_property, key) IN (
       SELECT (object_type_id, id_property, key) FROM temp.main.rollcall_answers WHERE NOT remembered AND lookup_error IS NULL
   );

-- The syncs of this round, by number, and what their keys are values of; filled by the program.
-- Makes rollcall_round.
-- Parameters: none.
CREATE TEMP TABLE rollcall_round (sync INTEGER, object_type_id VARCHAR, id_property VARCHAR);

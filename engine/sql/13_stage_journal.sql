-- What the journal says became of changes; filled from its lines.
-- Makes rollcall_journal.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE rollcall_journal (run_id VARCHAR, list_id VARCHAR, batch BIGINT, action VARCHAR, record_id BIGINT, state VARCHAR, reason VARCHAR);

-- Which changes have no answer in the ledger, and what is their outcome in the journal?
-- Makes rollcall_pending_unknown from rollcall.changes and rollcall_journal.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE rollcall_pending_unknown AS
SELECT c.run_id, c.list_id, c.action, c.record_id, c.key, c.cause, j.state AS told, j.reason
FROM rollcall.changes c
LEFT JOIN temp.main.rollcall_journal j
    ON j.run_id = c.run_id AND j.batch = c.batch AND j.action = c.action AND j.record_id = c.record_id AND j.state <> 'unknown'
WHERE c.state IN ('unknown', 'sent');

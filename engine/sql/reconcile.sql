-- name: StagePendingUnknown
-- Which changes have no answer in the ledger, and what is their outcome in the journal?
CREATE OR REPLACE TEMP TABLE rollcall_pending_unknown AS
SELECT c.run_id, c.n, c.sync, c.list_id, c.action, c.record_id, c.key, c.cause, j.state AS told, j.reason
FROM rollcall.changes c
LEFT JOIN temp.main.rollcall_journal j ON j.run_id = c.run_id AND j.n = c.n AND j.state <> 'unknown'
WHERE c.state IN ('unknown', 'sent');

-- name: ReadPendingUnknown
-- Which lists have changes whose answer was lost?
SELECT DISTINCT list_id
FROM temp.main.rollcall_pending_unknown;

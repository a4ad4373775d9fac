-- name: StagePendingUnknown
-- Which changes have no answer in the ledger, and what is their outcome in the journal?
CREATE OR REPLACE TEMP TABLE rollcall_pending_unknown AS
SELECT c.run_id, c.n, c.sync, c.list_id, coalesce(c.target, c.list_id) AS target, c.action, coalesce(c.record_id, j.record_id) AS record_id, c.key, c.values, c.to_record_id, c.association_type, c.cause, j.state AS told, j.reason
FROM rollcall.changes c
LEFT JOIN temp.main.rollcall_journal j ON j.run_id = c.run_id AND j.n = c.n AND j.state <> 'unknown'
WHERE c.state IN ('unknown', 'sent');

-- name: ReadPendingUnknown
-- Which targets have changes whose answer was lost?
SELECT DISTINCT target
FROM temp.main.rollcall_pending_unknown
WHERE target IS NOT NULL;

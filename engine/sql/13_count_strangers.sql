-- How many runs of the journal does the ledger not know?
-- Reads rollcall.runs, rollcall_journal.
-- Parameters: none.
SELECT count(DISTINCT run_id) AS strangers
FROM temp.main.rollcall_journal
WHERE run_id NOT IN (SELECT run_id FROM rollcall.runs);

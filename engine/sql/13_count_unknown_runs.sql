-- How many runs of the journal are unknown to the ledger?
-- Reads rollcall.runs, rollcall_journal.
-- Parameters: none.
SELECT count(DISTINCT run_id) AS unknown_runs
FROM temp.main.rollcall_journal
WHERE run_id NOT IN (SELECT run_id FROM rollcall.runs);

-- Which syncs does the ledger know?
-- Reads rollcall.history.
-- Parameters: none.
SELECT DISTINCT sync
FROM rollcall.history
ORDER BY sync;

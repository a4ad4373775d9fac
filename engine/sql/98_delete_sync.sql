-- Takes a row out of the control table; the ledger keeps what it did.
-- Writes rollcall.syncs.
-- Parameters: $name VARCHAR.
DELETE FROM rollcall.syncs
WHERE name = $name;

-- Takes a row out of the control table; the ledger keeps what it did. A name that is longer than any is matched by its beginning, as it was read.
-- Writes rollcall.syncs.
-- Parameters: $name VARCHAR, $name_chars BIGINT (how many characters of a name are read).
DELETE FROM rollcall.syncs
WHERE left(name, $name_chars) = $name;

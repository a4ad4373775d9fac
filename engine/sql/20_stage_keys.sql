-- The keys after normalising, one row for each that is not blank; a key with a reason cannot be used.
-- Makes keys.
-- Parameters: none.
CREATE TEMP TABLE keys (key VARCHAR, reason VARCHAR, detail VARCHAR);

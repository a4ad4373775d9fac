-- Gives the lease back.
-- Writes rollcall.lease.
-- Parameters: $owner VARCHAR, $epoch BIGINT.
UPDATE rollcall.lease
SET owner = NULL, expires_at = NULL
WHERE name = 'runner' AND owner = $owner AND epoch = $epoch;

-- Was the transaction of that number committed?
-- Reads rollcall.lease.
-- Parameters: $owner VARCHAR, $epoch BIGINT, $write BIGINT.
SELECT count(*)
FROM rollcall.lease
WHERE name = 'runner' AND owner = $owner AND epoch = $epoch AND writes >= $write;

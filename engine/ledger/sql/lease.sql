-- name: TakeLease
-- Takes the lease when it is free or has lapsed: one row changed means it is ours.
-- Parameters: $owner VARCHAR, $ttl_ms BIGINT, $skew_ms BIGINT (how far clocks may be apart), $taking BIGINT (a negative number of its own), $force BOOLEAN (the database's own lock says that no one else is there).
UPDATE rollcall.lease
SET owner = $owner,
    epoch = epoch + 1,
    acquired_at = now(),
    heartbeat_at = now(),
    expires_at = now() + to_milliseconds($ttl_ms::BIGINT),
    writes = $taking
WHERE name = 'runner' AND (owner IS NULL OR expires_at < now() - to_milliseconds($skew_ms::BIGINT) OR $force::BOOLEAN);

-- name: ReadLease
-- Who holds the lease, and when was it last heard of?
SELECT coalesce(owner, '') AS owner, epoch, coalesce(heartbeat_at, now()) AS heartbeat_at, coalesce(expires_at, now()) AS expires_at, now() AS read_at, coalesce(writes, 0) AS writes
FROM rollcall.lease
WHERE name = 'runner';

-- name: Fence
-- Is the lease still ours? One row changed means yes, and prolongs it; the heartbeat, and the end of a long transaction on the ledger.
UPDATE rollcall.lease
SET heartbeat_at = now(), expires_at = now() + to_milliseconds($ttl_ms::BIGINT)
WHERE name = 'runner' AND owner = $owner AND epoch = $epoch;

-- name: BeginWrite
-- Is the lease still ours, and was its transaction of that number not committed before? One row changed means yes; begins every write to the ledger.
UPDATE rollcall.lease
SET heartbeat_at = now(), expires_at = now() + to_milliseconds($ttl_ms::BIGINT), writes = $write
WHERE name = 'runner' AND owner = $owner AND epoch = $epoch AND coalesce(writes, 0) < $write;

-- name: FindWrite
-- Was the transaction of that number committed?
SELECT count(*)
FROM rollcall.lease
WHERE name = 'runner' AND owner = $owner AND epoch = $epoch AND writes >= $write;

-- name: ReleaseLease
-- Gives the lease back.
UPDATE rollcall.lease
SET owner = NULL, expires_at = NULL
WHERE name = 'runner' AND owner = $owner AND epoch = $epoch;

-- Takes the lease when it is free or has lapsed: one row changed means it is ours.
-- Writes rollcall.lease.
-- Parameters: $owner VARCHAR, $ttl_ms BIGINT, $skew_ms BIGINT (how far clocks may be apart), $taking BIGINT (a negative number of its own), $force BOOLEAN (the database's own lock says that no one else is there).
UPDATE rollcall.lease
SET owner = $owner,
    epoch = epoch + 1,
    acquired_at = now(),
    heartbeat_at = now(),
    expires_at = now() + to_milliseconds($ttl_ms::BIGINT),
    writes = $taking
WHERE name = 'runner' AND (owner IS NULL OR expires_at < now() - to_milliseconds($skew_ms::BIGINT) OR $force::BOOLEAN);

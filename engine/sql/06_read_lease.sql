-- Who holds the lease, and when was it last heard of?
-- Reads rollcall.lease.
-- Parameters: none.
SELECT coalesce(owner, '') AS owner, epoch, coalesce(heartbeat_at, now()) AS heartbeat_at, coalesce(expires_at, now()) AS expires_at, now() AS read_at, coalesce(writes, 0) AS writes
FROM rollcall.lease
WHERE name = 'runner';

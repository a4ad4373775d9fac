-- Is the lease still ours, and was its transaction of that number not committed before? One row changed means yes; begins every write to the ledger.
-- Writes rollcall.lease.
-- Parameters: $owner VARCHAR, $epoch BIGINT, $ttl_ms BIGINT, $write BIGINT.
UPDATE rollcall.lease
SET heartbeat_at = now(), expires_at = now() + to_milliseconds($ttl_ms::BIGINT), writes = $write
WHERE name = 'runner' AND owner = $owner AND epoch = $epoch AND coalesce(writes, 0) < $write;

-- Is the lease still ours? One row changed means yes, and prolongs it; the heartbeat, and the end of a long transaction on the ledger.
-- Writes rollcall.lease.
-- Parameters: $owner VARCHAR, $epoch BIGINT, $ttl_ms BIGINT.
UPDATE rollcall.lease
SET heartbeat_at = now(), expires_at = now() + to_milliseconds($ttl_ms::BIGINT)
WHERE name = 'runner' AND owner = $owner AND epoch = $epoch;

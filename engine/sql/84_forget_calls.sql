-- Calls are kept for a while only.
-- Writes rollcall.calls.
-- Parameters: $before TIMESTAMPTZ.
DELETE FROM rollcall.calls
WHERE called_at < $before;

-- Delete old calls.
-- Writes rollcall.calls.
-- Parameters: $before TIMESTAMPTZ.
DELETE FROM rollcall.calls
WHERE called_at < $before;

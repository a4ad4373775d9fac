-- Any key that nobody had may be a foreign member's today.
-- Writes rollcall_bearers; reads unmatched.
-- Parameters: none.
INSERT INTO temp.main.rollcall_bearers
SELECT key FROM temp.main.unmatched;

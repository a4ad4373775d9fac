-- Keys without a record are rejected too.
-- Writes rejected; reads unmatched.
-- Parameters: $detail VARCHAR.
INSERT INTO temp.main.rejected
SELECT key, 'not_found', $detail
FROM temp.main.unmatched
ORDER BY key;

-- Keys without a record are rejects too.
-- Writes rejects; reads unmatched.
-- Parameters: $detail VARCHAR.
INSERT INTO temp.main.rejects
SELECT key, 'not_found', $detail
FROM temp.main.unmatched
ORDER BY key;

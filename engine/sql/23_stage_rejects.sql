-- Keys that cannot be used, each once for each reason.
-- Makes rejects from keys.
-- Parameters: none.
CREATE TEMP TABLE rejects AS
SELECT key, reason, min(detail) AS detail
FROM temp.main.keys
WHERE reason IS NOT NULL
GROUP BY key, reason
ORDER BY key, reason;

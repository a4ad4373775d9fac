-- Keys that cannot be used, each once for each reason.
-- Makes rejected from rollcall_keys.
-- Parameters: $sync INTEGER.
CREATE TEMP TABLE rejected AS
SELECT key, reason, min(detail) AS detail
FROM temp.main.rollcall_keys
WHERE sync = $sync AND reason IS NOT NULL
GROUP BY key, reason
ORDER BY key, reason;

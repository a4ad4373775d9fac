-- How many records do the resolved keys belong to? Two addresses of one contact are one.
-- Reads resolved.
-- Parameters: none.
SELECT count(DISTINCT record_id) AS records
FROM temp.main.resolved;

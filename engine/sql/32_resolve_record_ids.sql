-- Where the keys are record IDs there is nothing to ask.
-- Writes resolved; reads desired.
-- Parameters: none.
INSERT INTO temp.main.resolved
SELECT key, CAST(key AS BIGINT)
FROM temp.main.desired;

-- Where the keys are record IDs there is nothing to ask.
-- Makes resolved from desired.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE resolved AS
SELECT key, CAST(key AS BIGINT) AS record_id, false AS remembered
FROM temp.main.desired;

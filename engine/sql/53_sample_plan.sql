-- The first few changes of each action, for people to look at.
-- Reads plan.
-- Parameters: $limit BIGINT (of each action).
SELECT action, record_id, coalesce(key, '') AS key, cause
FROM temp.main.plan
QUALIFY row_number() OVER (PARTITION BY action ORDER BY record_id) <= $limit
ORDER BY action, record_id;

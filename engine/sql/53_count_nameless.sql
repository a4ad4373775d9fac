-- How many changes have no key?
-- Reads plan.
-- Parameters: none.
SELECT count(*) AS nameless
FROM temp.main.plan
WHERE key IS NULL;

-- Who belongs on the list: each key once.
-- Makes desired from keys.
-- Parameters: none.
CREATE TEMP TABLE desired AS
SELECT DISTINCT key
FROM temp.main.keys
WHERE reason IS NULL
ORDER BY key;

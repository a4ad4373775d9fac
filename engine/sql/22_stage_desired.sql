-- Who belongs on the list: each key once.
-- Makes desired from rollcall_keys.
-- Parameters: $sync INTEGER.
CREATE TEMP TABLE desired AS
SELECT DISTINCT key
FROM temp.main.rollcall_keys
WHERE sync = $sync AND reason IS NULL;

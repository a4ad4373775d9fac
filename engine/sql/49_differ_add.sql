-- Who has to go onto the list, so that it holds the desired records, whoever else is on it?
-- Makes differing, anew when answers have changed, from resolved and current.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE differing AS
SELECT 'add' AS action, record_id
FROM (SELECT record_id FROM temp.main.resolved EXCEPT SELECT record_id FROM temp.main.current);

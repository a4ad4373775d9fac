-- Who has to go onto the list, and who off it, so that it holds the desired records and nobody else?
-- Makes differing, anew when answers have changed, from resolved and current.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE differing AS
SELECT 'add' AS action, record_id
FROM (SELECT record_id FROM temp.main.resolved EXCEPT SELECT record_id FROM temp.main.current)
UNION ALL
SELECT 'remove', record_id
FROM (SELECT record_id FROM temp.main.current EXCEPT SELECT record_id FROM temp.main.resolved);

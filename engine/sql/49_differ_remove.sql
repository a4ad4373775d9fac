-- Who has to go off the list, where the query names who is to go?
-- Makes differing, anew when answers have changed, from resolved and current.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE differing AS
SELECT 'remove' AS action, record_id
FROM (SELECT record_id FROM temp.main.resolved INTERSECT SELECT record_id FROM temp.main.current);

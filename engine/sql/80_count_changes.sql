-- What did HubSpot's answers come to?
-- Reads rollcall.changes.
-- Parameters: $run_id VARCHAR, $excused VARCHAR (the reason of missing records whose keys were asked for again).
SELECT
    count(*) FILTER (action = 'add' AND state = 'done') AS added,
    count(*) FILTER (action = 'remove' AND state = 'done') AS removed,
    count(*) FILTER (state = 'already') AS already,
    count(*) FILTER (state = 'missing') AS missing,
    count(*) FILTER (action = 'add' AND state = 'missing' AND reason IS DISTINCT FROM $excused) AS not_added,
    count(*) FILTER (state = 'failed') AS failed,
    count(*) FILTER (state IN ('unknown', 'sent')) AS unknown,
    count(*) FILTER (state = 'planned') AS planned,
    count(*) FILTER (action = 'add' AND state IN ('done', 'already'))
        - count(*) FILTER (action = 'remove' AND state IN ('done', 'already', 'missing')) AS net
FROM rollcall.changes
WHERE run_id = $run_id;

-- How many changes of each kind?
-- Reads plan.
-- Parameters: none.
SELECT
    count(*) FILTER (action = 'add') AS to_add,
    count(*) FILTER (action = 'remove') AS to_remove,
    count(*) FILTER (cause = 'entered') AS entered,
    count(*) FILTER (cause = 'restored') AS restored,
    count(*) FILTER (cause = 'left') AS left_desired,
    count(*) FILTER (cause = 'foreign') AS foreign_removed,
    count(*) FILTER (cause IN ('undone', 'undone_foreign')) AS undone,
    coalesce(max(batch), 0) AS batches
FROM temp.main.plan;

-- How many keys are desired, and how many were rejected?
-- Reads desired, rejected.
-- Parameters: none.
SELECT
    (SELECT count(*) FROM temp.main.desired) AS desired,
    (SELECT count(*) FROM temp.main.rejected) AS rejected;

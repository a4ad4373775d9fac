-- How many keys are desired, and how many were rejected?
-- Reads desired, rejects.
-- Parameters: none.
SELECT
    (SELECT count(*) FROM temp.main.desired) AS desired,
    (SELECT count(*) FROM temp.main.rejects) AS rejected;

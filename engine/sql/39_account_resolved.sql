-- Does every desired key have exactly one answer? surplus: answers to keys that were not asked, or asked and answered twice.
-- Reads desired, resolved, unmatched.
-- Parameters: none.
WITH answers AS (
    SELECT key FROM temp.main.resolved
    UNION ALL
    SELECT key FROM temp.main.unmatched
),
unanswered AS (
    SELECT key FROM temp.main.desired
    EXCEPT
    SELECT key FROM answers
)
SELECT
    (SELECT count(*) FROM temp.main.resolved) AS resolved,
    (SELECT count(*) FROM temp.main.unmatched) AS unmatched,
    (SELECT count(*) FROM unanswered) AS unanswered,
    (SELECT count(*) FROM answers) - (SELECT count(*) FROM temp.main.desired) + (SELECT count(*) FROM unanswered) AS surplus;

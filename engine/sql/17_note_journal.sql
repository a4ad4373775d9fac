-- The runs whose changes were taken in say so.
-- Writes rollcall.runs; reads rollcall.changes, rollcall_journal.
-- Parameters: $now TIMESTAMPTZ (the moment of taking it in).
UPDATE rollcall.runs
SET detail = concat_ws('; ', detail, c.n || CASE WHEN c.n = 1 THEN ' change' ELSE ' changes' END || ' taken in from the journal')
FROM (
    SELECT run_id, count(*) AS n FROM rollcall.changes
    WHERE changed_at = $now AND run_id IN (SELECT run_id FROM temp.main.rollcall_journal)
    GROUP BY run_id
) c
WHERE runs.run_id = c.run_id;

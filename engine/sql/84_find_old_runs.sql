-- Up to which run is the ledger deleted in one step? Oldest first, whole runs, up to $limit rows; '' where there is nothing to delete.
-- Reads rollcall_kept, rollcall.runs, rollcall.changes, rollcall.drift, rollcall.rejects.
-- Parameters: $limit BIGINT (rows).
WITH whole AS (
    SELECT run_id FROM temp.main.rollcall_kept WHERE whole
),
going AS (
    SELECT run_id FROM rollcall.runs WHERE run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept)
    UNION ALL
    SELECT run_id FROM rollcall.changes
    WHERE run_id NOT IN (SELECT run_id FROM whole)
      AND (state <> 'planned' OR run_id NOT IN (SELECT run_id FROM temp.main.rollcall_kept))
    UNION ALL
    SELECT run_id FROM rollcall.drift WHERE run_id NOT IN (SELECT run_id FROM whole)
    UNION ALL
    SELECT until_run FROM rollcall.rejects WHERE until_run NOT IN (SELECT run_id FROM whole)
),
counted AS (
    SELECT run_id, sum(count(*)) OVER (ORDER BY run_id) - count(*) AS before FROM going GROUP BY run_id
)
SELECT coalesce(max(run_id), '') AS until
FROM counted
WHERE before < $limit;

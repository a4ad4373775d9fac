-- Insert drift: members that joined or left by other means than Rollcall since its last run, where it has run on the list, and only if it is not recorded yet.
-- Writes rollcall.drift; reads current, rollcall.members, rollcall.lists, rollcall.changes.
-- Parameters: $run_id, $sync, $list_id VARCHAR; $now TIMESTAMPTZ.
INSERT INTO rollcall.drift (run_id, sync, list_id, record_id, key, kind, cause, found_at)
WITH left_there AS (
    SELECT record_id, min(key) AS key FROM rollcall.members WHERE list_id = $list_id GROUP BY record_id
),
differing AS (
    SELECT l.record_id, l.key, 'disappeared' AS kind, 'removed_by_hand' AS cause
    FROM left_there l
    ANTI JOIN temp.main.current c ON c.record_id = l.record_id
    UNION ALL
    SELECT c.record_id, NULL, 'appeared', 'added_by_hand'
    FROM temp.main.current c
    ANTI JOIN left_there l ON l.record_id = c.record_id
),
latest AS (
    SELECT record_id, arg_max(kind, found_at) AS kind, max(run_id) AS run_id FROM rollcall.drift WHERE list_id = $list_id GROUP BY record_id
),
told AS (
    -- A plan that was blocked, or never sent, leaves the list as it was found.
    SELECT record_id, kind
    FROM latest
    WHERE NOT EXISTS (
        SELECT 1 FROM rollcall.changes c
        WHERE c.list_id = $list_id AND c.record_id = latest.record_id AND c.run_id >= latest.run_id AND c.state IN ('done', 'already')
    )
)
SELECT $run_id, $sync, $list_id, d.record_id, d.key, d.kind, d.cause, $now
FROM differing d
WHERE (d.record_id, d.kind) NOT IN (SELECT (record_id, kind) FROM told)
  AND (
      EXISTS (SELECT 1 FROM left_there)
      OR EXISTS (SELECT 1 FROM rollcall.lists WHERE list_id = $list_id)
      OR EXISTS (SELECT 1 FROM rollcall.changes WHERE list_id = $list_id AND state IN ('done', 'already'))
  );

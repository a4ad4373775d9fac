-- Which lists have orphaned changes: changes whose answer was lost, with no sync that will read the list? With the sync that sent them. A row that names its list reads the list that is cached under the name.
-- Reads rollcall.changes, rollcall.syncs, rollcall.lists.
-- Parameters: none.
SELECT c.list_id, min(c.sync) AS sync
FROM rollcall.changes c
WHERE c.state IN ('unknown', 'sent')
  AND NOT EXISTS (
      SELECT 1 FROM rollcall.syncs s
      WHERE coalesce(s.enabled, true)
        AND (
            trim(s.list_id) = c.list_id
            OR s.list_id IS NULL AND s.name = c.sync
            AND NOT EXISTS (SELECT 1 FROM rollcall.lists l WHERE lower(l.known_as) = lower(trim(s.list_name)) AND l.list_id <> c.list_id)
        )
  )
GROUP BY c.list_id;

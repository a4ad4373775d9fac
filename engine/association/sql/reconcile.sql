-- name: ReconcileLinked
-- Links of changes that turned out to have been made.
-- Parameters: $target VARCHAR; $now TIMESTAMPTZ.
INSERT INTO rollcall.links (target, from_record_id, to_record_id, association_type, label, key, sync, run_id, since)
SELECT $target, r.record_id, r.to_record_id, r.association_type, min(r.values -> 'label' ->> 1), min(r.key),
    CASE WHEN bool_and(r.cause = 'undone_foreign') THEN NULL ELSE min(r.sync) END, CASE WHEN bool_and(r.cause = 'undone_foreign') THEN NULL ELSE min(r.run_id) END, $now
FROM temp.main.rollcall_reconciled r
WHERE r.action = 'link' AND r.state IN ('done', 'already')
  AND NOT EXISTS (
      SELECT 1 FROM rollcall.links l
      WHERE l.target = $target AND l.from_record_id = r.record_id AND l.to_record_id = r.to_record_id AND l.association_type = r.association_type
  )
GROUP BY r.record_id, r.to_record_id, r.association_type;

-- name: ReconcileUnlinked
-- Links of changes that turned out to have ended them.
DELETE FROM rollcall.links
USING temp.main.rollcall_reconciled r
WHERE links.target = $target
  AND r.action = 'unlink' AND r.state IN ('done', 'already')
  AND links.from_record_id = r.record_id AND links.to_record_id = r.to_record_id AND links.association_type = r.association_type;

-- name: CountDrift
-- How many of the sync's links have others ended, and how many have they added to the pairs that it has linked?
SELECT count(*) AS n
FROM temp.main.rollcall_link_drift;

-- name: StageDrift
-- Links that others have ended or added, on pairs that the sync has linked, as far as their associations were read.
-- Parameters: $sync INTEGER; $name VARCHAR; $once_from, $once_to VARCHAR[] (types of which a record has one, as that from which the association leads, and as that to which).
CREATE OR REPLACE TEMP TABLE rollcall_link_drift AS
WITH read AS (
    SELECT DISTINCT from_id FROM temp.main.rollcall_link_asked WHERE sync = $sync
),
pairs AS (
    SELECT DISTINCT from_id, to_id FROM temp.main.rollcall_link_known WHERE owner = $name
),
sent AS (
    -- Changes whose answer was lost are the sync's own.
    SELECT record_id, to_record_id, association_type FROM temp.main.rollcall_reconciled
),
moved AS (
    -- HubSpot has taken these types off other records by itself.
    SELECT record_id, to_record_id, association_type
    FROM temp.main.rollcall_reconciled
    WHERE action = 'link' AND state IN ('done', 'already')
)
SELECT k.from_id, k.to_id, k.association_type, k.key, 'disappeared' AS kind, 'removed_by_hand' AS cause
FROM temp.main.rollcall_link_known k
SEMI JOIN read ON read.from_id = k.from_id
ANTI JOIN temp.main.rollcall_link_read l ON l.sync = $sync AND l.from_id = k.from_id AND l.to_id = k.to_id AND l.association_type = k.association_type
ANTI JOIN sent s ON s.record_id = k.from_id AND s.to_record_id = k.to_id AND s.association_type = k.association_type
ANTI JOIN moved f ON f.record_id = k.from_id AND f.association_type = k.association_type AND list_contains($once_from::VARCHAR[], f.association_type)
ANTI JOIN moved t ON t.to_record_id = k.to_id AND t.association_type = k.association_type AND list_contains($once_to::VARCHAR[], t.association_type)
WHERE k.owner = $name
UNION ALL
SELECT l.from_id, l.to_id, l.association_type, l.key, 'appeared', 'added_by_hand'
FROM temp.main.rollcall_link_live l
SEMI JOIN read ON read.from_id = l.from_id
SEMI JOIN pairs p ON p.from_id = l.from_id AND p.to_id = l.to_id
ANTI JOIN temp.main.rollcall_link_known k ON k.from_id = l.from_id AND k.to_id = l.to_id AND k.association_type = l.association_type
ANTI JOIN sent s ON s.record_id = l.from_id AND s.to_record_id = l.to_id AND s.association_type = l.association_type;

-- name: RecordDrift
-- Keeps what others have linked or unlinked.
INSERT INTO rollcall.drift (run_id, sync, target, record_id, to_record_id, association_type, key, kind, cause, found_at)
SELECT $run_id, $name, $target, d.from_id, d.to_id, d.association_type, coalesce(d.key, p.key), d.kind, d.cause, $now
FROM temp.main.rollcall_link_drift d
LEFT JOIN (SELECT from_id, to_id, min(key) AS key FROM temp.main.rollcall_link_known GROUP BY from_id, to_id) p ON p.from_id = d.from_id AND p.to_id = d.to_id;

-- name: TakeUnlinked
-- What the journal says has been linked or ended; the former follows.
DELETE FROM rollcall.links
USING (
    SELECT c.target, c.record_id, c.to_record_id, c.association_type
    FROM temp.main.rollcall_taken t
    JOIN rollcall.changes c ON c.run_id = t.run_id AND c.n = t.n
    WHERE c.action IN ('link', 'unlink') AND t.state = 'done'
) d
WHERE links.target = d.target
  AND links.from_record_id = d.record_id AND links.to_record_id = d.to_record_id AND links.association_type = d.association_type;

-- name: TakeLinked
-- What the journal says has been linked.
INSERT INTO rollcall.links (target, from_record_id, to_record_id, association_type, label, key, sync, run_id, since)
SELECT c.target, c.record_id, c.to_record_id, c.association_type, c.values -> 'label' ->> 1, c.key,
    CASE WHEN c.cause <> 'undone_foreign' THEN c.sync END, CASE WHEN c.cause <> 'undone_foreign' THEN c.run_id END, $now
FROM temp.main.rollcall_taken t
JOIN rollcall.changes c ON c.run_id = t.run_id AND c.n = t.n
WHERE c.action = 'link' AND t.state = 'done';

-- name: ReadOrphans
-- Which changes of associations have no answer and no sync that will look? Those of rows that are gone, or that are about other object types by now.
SELECT DISTINCT u.sync, u.target
FROM temp.main.rollcall_pending_unknown u
WHERE u.to_record_id IS NOT NULL
  AND NOT list_contains($handled::VARCHAR[], u.sync || ' ' || u.target)
  AND (
      list_contains($running::VARCHAR[], u.sync)
      OR u.sync NOT IN (SELECT name FROM rollcall.syncs WHERE name IS NOT NULL AND coalesce(enabled, true) AND lower(trim(kind)) = 'association')
  )
ORDER BY ALL;

-- name: ReadOrphanedRecords
-- The records of those changes.
SELECT DISTINCT record_id
FROM temp.main.rollcall_pending_unknown
WHERE sync = $name AND target = $target AND to_record_id IS NOT NULL
ORDER BY record_id;

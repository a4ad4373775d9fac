-- name: DeleteRead
-- What was known of the records whose associations were read.
DELETE FROM rollcall.links
WHERE target = $target
  AND from_record_id IN (SELECT from_id FROM temp.main.rollcall_link_asked WHERE sync = $sync);

-- name: InsertRead
-- What was read of them.
-- Parameters: $sync INTEGER; $target VARCHAR; $now TIMESTAMPTZ.
INSERT INTO rollcall.links (target, from_record_id, to_record_id, association_type, label, key, sync, run_id, since)
SELECT $target, l.from_id, l.to_id, l.association_type, l.label, coalesce(e.key, l.key), l.owner, l.run_id, coalesce(l.since, $now::TIMESTAMPTZ)
FROM temp.main.rollcall_link_live l
LEFT JOIN temp.main.rollcall_link_elements e ON e.from_id = l.from_id AND e.to_id = l.to_id AND e.association_type = l.association_type
WHERE l.from_id IN (SELECT from_id FROM temp.main.rollcall_link_asked WHERE sync = $sync);

-- name: DeleteReads
-- When the associations of those records were read before.
DELETE FROM rollcall.link_reads
WHERE target = $target
  AND from_record_id IN (SELECT from_id FROM temp.main.rollcall_link_asked WHERE sync = $sync);

-- name: InsertReads
-- When they were read.
INSERT INTO rollcall.link_reads (target, from_record_id, read_at)
SELECT DISTINCT $target, from_id, $now::TIMESTAMPTZ
FROM temp.main.rollcall_link_asked
WHERE sync = $sync;

-- name: DeleteSettled
-- Links that a batch has made or ended; the former follow. What archive ends goes with all its labels.
DELETE FROM rollcall.links
USING (
    SELECT p.record_id, p.to_record_id, CASE WHEN p.call <> 'archive' THEN p.association_type END AS association_type
    FROM temp.main.outcomes o
    JOIN temp.main.plan p ON p.n = o.n
    WHERE o.state = 'done'
) s
WHERE links.target = $target
  AND links.from_record_id = s.record_id AND links.to_record_id = s.to_record_id
  AND (s.association_type IS NULL OR links.association_type = s.association_type);

-- name: DeleteReplaced
-- Types of which a record has one: the one that it had before. Each side is looked for by itself: a condition on either of them would compare every link with every change.
DELETE FROM rollcall.links
WHERE target = $target
  AND (
      (association_type, from_record_id) IN (
          SELECT (p.association_type, p.record_id)
          FROM temp.main.outcomes o
          JOIN temp.main.plan p ON p.n = o.n
          JOIN temp.main.rollcall_link_types t ON t.sync = $sync AND t.association_type = p.association_type AND t.single = 'from'
          WHERE o.state = 'done' AND p.action = 'link'
      )
      OR (association_type, to_record_id) IN (
          SELECT (p.association_type, p.to_record_id)
          FROM temp.main.outcomes o
          JOIN temp.main.plan p ON p.n = o.n
          JOIN temp.main.rollcall_link_types t ON t.sync = $sync AND t.association_type = p.association_type AND t.single = 'to'
          WHERE o.state = 'done' AND p.action = 'link'
      )
  );

-- name: InsertLinked
-- Links that HubSpot confirmed: the sync's own, unless they put back what others had linked.
INSERT INTO rollcall.links (target, from_record_id, to_record_id, association_type, label, key, sync, run_id, since)
SELECT $target, p.record_id, p.to_record_id, p.association_type, p.values -> 'label' ->> 1, p.key,
    CASE WHEN p.cause <> 'undone_foreign' THEN $name END, CASE WHEN p.cause <> 'undone_foreign' THEN $run_id END, $now
FROM temp.main.outcomes o
JOIN temp.main.plan p ON p.n = o.n
WHERE o.state = 'done' AND p.action = 'link';

-- name: EvictRefused
-- Cached answers with records of links that HubSpot refused: they may be gone, and are looked up again.
DELETE FROM rollcall.identities
WHERE object_type_id = $from_type AND record_id IN (SELECT p.record_id FROM temp.main.outcomes o JOIN temp.main.plan p ON p.n = o.n WHERE o.state = 'failed' AND p.action = 'link')
   OR object_type_id = $to_type AND record_id IN (SELECT p.to_record_id FROM temp.main.outcomes o JOIN temp.main.plan p ON p.n = o.n WHERE o.state = 'failed' AND p.action = 'link');

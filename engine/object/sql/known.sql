-- name: ForgetGone
-- Keys whose record is gone from HubSpot, and keys of one record with unequal values: the next run looks all of them up, so that it finds them unequal again.
DELETE FROM rollcall.records
WHERE sync = $name AND object_type_id = $object_type_id AND id_property = $id_property
  AND key IN (
      SELECT key FROM temp.main.rollcall_object_found WHERE sync = $sync AND record_id IS NULL
      UNION ALL
      SELECT key FROM temp.main.rollcall_object_wanted WHERE clash
  );

-- name: UpdateKnown
-- Known records that were looked up, or whose values differ. What is known of those that are about to be changed holds no longer: until their answers are there, they are to be looked up.
UPDATE rollcall.records
SET record_id = w.record_id,
    values_hash = CASE WHEN NOT w.planned THEN w.hash END,
    withheld = w.withheld,
    left_by = NULL,
    found_at = CASE WHEN NOT w.planned THEN coalesce(w.found_at, $now::TIMESTAMPTZ) END,
    created_by = CASE WHEN records.record_id = w.record_id THEN records.created_by END
FROM (
    SELECT *, record_id IN (SELECT record_id FROM temp.main.plan WHERE record_id IS NOT NULL) AS planned
    FROM temp.main.rollcall_object_wanted
    WHERE record_id IS NOT NULL AND NOT clash AND (looked OR differs)
) w
WHERE records.sync = $name AND records.object_type_id = $object_type_id AND records.id_property = $id_property AND records.key = w.key;

-- name: InsertKnown
-- Records that the sync has not known so far, likewise. Those that it is known to have created are its own: the answer was lost, or the key has changed.
INSERT INTO rollcall.records (sync, object_type_id, id_property, key, record_id, values_hash, withheld, found_at, created_by)
SELECT $name, $object_type_id, $id_property, w.key, w.record_id, CASE WHEN NOT w.planned THEN w.hash END, w.withheld, CASE WHEN NOT w.planned THEN $now::TIMESTAMPTZ END, c.run_id
FROM (
    SELECT *, record_id IN (SELECT record_id FROM temp.main.plan WHERE record_id IS NOT NULL) AS planned
    FROM temp.main.rollcall_object_wanted
    WHERE record_id IS NOT NULL AND NOT clash AND looked
) w
LEFT JOIN (
    SELECT record_id, max(run_id) AS run_id FROM rollcall.changes WHERE sync = $name AND target = $target AND action = 'create' AND state = 'done' GROUP BY record_id
) c ON c.record_id = w.record_id
WHERE NOT EXISTS (
    SELECT 1 FROM rollcall.records r
    WHERE r.sync = $name AND r.object_type_id = $object_type_id AND r.id_property = $id_property AND r.key = w.key
);

-- name: DeleteOutdated
-- Values that others have changed.
DELETE FROM rollcall.record_values
USING temp.main.current c
WHERE record_values.object_type_id = $object_type_id
  AND record_values.record_id = c.record_id
  AND record_values.property = c.property
  AND record_values.value IS DISTINCT FROM c.value;

-- name: InsertFound
-- Values that were found. Those that the query asks for are not foreign.
INSERT INTO rollcall.record_values (object_type_id, record_id, property, value, is_foreign, known_at)
SELECT $object_type_id, c.record_id, c.property, c.value, c.value IS NOT NULL AND NOT c.agreed, $now
FROM temp.main.current c
WHERE NOT EXISTS (
    SELECT 1 FROM rollcall.record_values v
    WHERE v.object_type_id = $object_type_id AND v.record_id = c.record_id AND v.property = c.property
);

-- name: StageWritten
-- The values that HubSpot answered to the writes of a wave; filled by the program. asked is what was sent where HubSpot keeps another value.
CREATE OR REPLACE TEMP TABLE rollcall_object_written (n BIGINT, record_id BIGINT, property VARCHAR, value VARCHAR, asked VARCHAR);

-- name: DeleteWritten
-- Values that were written; the new ones follow.
DELETE FROM rollcall.record_values
USING (SELECT DISTINCT record_id, property FROM temp.main.rollcall_object_written) w
WHERE record_values.object_type_id = $object_type_id AND record_values.record_id = w.record_id AND record_values.property = w.property;

-- name: InsertWritten
-- Values as HubSpot answered them. No sync owns what was written back.
INSERT INTO rollcall.record_values (object_type_id, record_id, property, value, asked, sync, run_id, is_desired, known_at)
SELECT $object_type_id, w.record_id, w.property, w.value, w.asked, CASE WHEN p.cause <> 'undone' THEN $name END, $run_id, p.action <> 'clear' AND p.cause <> 'undone', $now
FROM temp.main.rollcall_object_written w
JOIN temp.main.plan p ON p.n = w.n;

-- name: KnowUpdated
-- Records that HubSpot confirmed to have updated are in step.
UPDATE rollcall.records
SET values_hash = w.hash, found_at = coalesce(w.found_at, $now::TIMESTAMPTZ)
FROM temp.main.outcomes o
JOIN temp.main.plan p ON p.n = o.n
JOIN temp.main.rollcall_object_wanted w ON w.record_id = p.record_id
WHERE o.action = 'update' AND o.state = 'done' AND o.record_id = p.record_id -- not that of a record into which it was merged
  AND records.sync = $name AND records.object_type_id = $object_type_id AND records.id_property = $id_property AND records.record_id = p.record_id AND records.key = w.key;

-- name: KnowCreated
-- Records that HubSpot has created.
INSERT INTO rollcall.records (sync, object_type_id, id_property, key, record_id, values_hash, found_at, created_by)
SELECT $name, $object_type_id, $id_property, p.key, o.record_id, w.hash, $now, $run_id
FROM temp.main.outcomes o
JOIN temp.main.plan p ON p.n = o.n
JOIN temp.main.rollcall_object_wanted w ON w.key = p.key
WHERE o.action = 'create' AND o.state = 'done' AND o.record_id IS NOT NULL;

-- name: RejectNotTaken
-- Values that HubSpot does not keep are rejects.
INSERT INTO rollcall.rejects (sync, key, reason, detail, since_run)
SELECT $name, p.key, 'not_taken', string_agg('the property ' || w.property || ': HubSpot keeps another value than the one that was sent', '; ' ORDER BY w.property), $run_id
FROM temp.main.rollcall_object_written w
JOIN temp.main.plan p ON p.n = w.n
WHERE w.asked IS NOT NULL AND p.action <> 'clear' AND p.cause <> 'undone'
  AND p.key NOT IN (SELECT key FROM rollcall.rejects WHERE sync = $name AND reason = 'not_taken' AND until_run IS NULL)
GROUP BY p.key;

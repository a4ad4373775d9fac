-- name: StageMerged
-- Which records, of those that are known, were merged into a record that was looked up? Told of all syncs of the object type.
CREATE OR REPLACE TEMP TABLE rollcall_object_merged AS
SELECT DISTINCT m.survivor, m.gone
FROM (
    SELECT sync, record_id AS survivor, unnest(from_json(merged, '["BIGINT"]')) AS gone
    FROM temp.main.rollcall_object_found
    WHERE merged IS NOT NULL
) m
JOIN temp.main.rollcall_object_round r ON r.sync = m.sync AND r.object_type_id = $object_type_id
WHERE m.gone <> m.survivor
  AND m.gone IN (
      SELECT record_id FROM temp.main.rollcall_object_known
      UNION ALL
      SELECT record_id FROM rollcall.records WHERE object_type_id = $object_type_id
  );

-- name: ReadMerged
-- The keys of merged records that were not looked up: nothing is known of their values.
SELECT key
FROM temp.main.rollcall_object_wanted
WHERE NOT looked AND NOT held AND record_id IN (SELECT survivor FROM temp.main.rollcall_object_merged UNION ALL SELECT gone FROM temp.main.rollcall_object_merged)
ORDER BY key;

-- name: ForgetMergedValues
-- Nothing is known of the values of merged records, but those that were looked up.
DELETE FROM rollcall.record_values
WHERE object_type_id = $object_type_id
  AND record_id IN (
      SELECT unnest([survivor, gone])
      FROM temp.main.rollcall_object_merged
      WHERE gone IN (SELECT record_id FROM rollcall.records WHERE object_type_id = $object_type_id)
  )
  AND (record_id, property) NOT IN (SELECT (record_id, property) FROM temp.main.current);

-- name: ForgetMerged
-- Every sync that keeps one of the merged records keeps the one that has come of them, and reads it before it writes. No sync has created it that created only one which was merged into it.
UPDATE rollcall.records
SET record_id = m.survivor, values_hash = NULL, found_at = NULL, created_by = CASE WHEN records.record_id = m.survivor THEN records.created_by END
FROM (
    SELECT unnest([survivor, gone]) AS record_id, survivor
    FROM temp.main.rollcall_object_merged
    WHERE gone IN (SELECT record_id FROM rollcall.records WHERE object_type_id = $object_type_id)
) m
WHERE records.object_type_id = $object_type_id AND records.record_id = m.record_id;

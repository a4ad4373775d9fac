-- Load the cached answers that are fresh.
-- Writes rollcall_answers; reads rollcall.contacts, rollcall_keys, rollcall_round.
-- Parameters: $found_since TIMESTAMPTZ, $missing_since TIMESTAMPTZ (older answers are not loaded).
INSERT INTO temp.main.rollcall_answers
SELECT c.object_type_id, c.id_property, c.key, c.record_id, true, NULL, NULL
FROM rollcall.contacts c
WHERE c.learnt_at >= CASE WHEN c.record_id IS NULL THEN $missing_since::TIMESTAMPTZ ELSE $found_since::TIMESTAMPTZ END
  AND EXISTS (
      SELECT 1
      FROM temp.main.rollcall_keys k
      JOIN temp.main.rollcall_round r ON r.sync = k.sync
      WHERE k.key = c.key AND k.reason IS NULL AND r.object_type_id = c.object_type_id AND r.id_property = c.id_property
  )
QUALIFY row_number() OVER (PARTITION BY c.object_type_id, c.id_property, c.key ORDER BY c.learnt_at DESC) = 1;

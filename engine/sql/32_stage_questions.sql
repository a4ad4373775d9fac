-- Keys to be looked up, each once for all syncs; sync is the first that desires it.
-- Makes rollcall_questions from rollcall_keys, rollcall_round and rollcall_answers.
-- Parameters: $failed INTEGER[] (syncs that go no further).
CREATE OR REPLACE TEMP TABLE rollcall_questions AS
SELECT r.object_type_id, r.id_property, k.key, min(k.sync) AS sync
FROM temp.main.rollcall_keys k
JOIN temp.main.rollcall_round r ON r.sync = k.sync
ANTI JOIN temp.main.rollcall_answers a ON a.object_type_id = r.object_type_id AND a.id_property = r.id_property AND a.key = k.key
WHERE k.reason IS NULL AND NOT list_contains($failed::INTEGER[], k.sync) AND r.id_property <> 'hs_object_id'
GROUP BY r.object_type_id, r.id_property, k.key
ORDER BY r.object_type_id, r.id_property, sync;

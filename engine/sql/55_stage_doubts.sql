-- Keys to be asked about again: those whose addition rests on a remembered answer, and those that memory says nobody has and a member who would go has.
-- Makes rollcall_questions, anew, from plan, resolved, unmatched, rollcall_answers and rollcall_bearers.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR, $sync INTEGER.
CREATE OR REPLACE TEMP TABLE rollcall_questions AS
WITH doubtful AS (
    SELECT r.key
    FROM temp.main.resolved r
    JOIN temp.main.plan p ON p.record_id = r.record_id
    WHERE p.action = 'add' AND r.remembered
    UNION
    SELECT u.key
    FROM temp.main.unmatched u
    JOIN temp.main.rollcall_bearers b ON b.key = u.key
    JOIN temp.main.rollcall_answers a ON a.key = u.key
    WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property AND a.remembered
)
SELECT $object_type_id::VARCHAR AS object_type_id, $id_property::VARCHAR AS id_property, key, $sync::INTEGER AS sync
FROM doubtful;

-- Records to be removed that have not been read, where the desired set depends on cached answers; those without a key first.
-- Makes rollcall_suspects, anew, from plan, resolved, unmatched, rollcall_answers and rollcall_records.
-- Parameters: $object_type_id VARCHAR, $id_property VARCHAR.
CREATE OR REPLACE TEMP TABLE rollcall_suspects AS
WITH remembered AS (
    SELECT key FROM temp.main.resolved WHERE remembered
    UNION ALL
    SELECT u.key
    FROM temp.main.unmatched u
    JOIN temp.main.rollcall_answers a ON a.key = u.key
    WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property AND a.remembered
)
SELECT p.record_id
FROM temp.main.plan p
ANTI JOIN temp.main.rollcall_records r ON r.record_id = p.record_id
WHERE p.action = 'remove' AND EXISTS (SELECT 1 FROM remembered)
ORDER BY p.key IS NOT NULL, p.record_id;

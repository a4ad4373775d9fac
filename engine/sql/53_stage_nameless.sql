-- Records that would go, that nothing names, and that have not been read.
-- Makes rollcall_suspects, anew, from plan and rollcall_records.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE rollcall_suspects AS
SELECT p.record_id
FROM temp.main.plan p
ANTI JOIN temp.main.rollcall_records r ON r.record_id = p.record_id
WHERE p.action = 'remove' AND p.key IS NULL
ORDER BY p.record_id;

-- Members that are unknown to Rollcall, where managed members have disappeared: one may be the survivor of a merge.
-- Makes rollcall_suspects, anew, from current, resolved, applied and rollcall.members.
-- Parameters: $list_id VARCHAR.
CREATE OR REPLACE TEMP TABLE rollcall_suspects AS
SELECT c.record_id
FROM temp.main.current c
ANTI JOIN temp.main.resolved r ON r.record_id = c.record_id
ANTI JOIN (SELECT record_id FROM rollcall.members WHERE list_id = $list_id) known ON known.record_id = c.record_id
WHERE EXISTS (SELECT 1 FROM temp.main.applied a ANTI JOIN temp.main.current here ON here.record_id = a.record_id)
ORDER BY c.record_id;

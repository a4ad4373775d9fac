-- Who is on the list after an addition is Rollcall's, unless it only puts back a foreign member.
-- Writes rollcall.members; reads outcomes, plan.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $list_id VARCHAR, $now TIMESTAMPTZ.
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT $list_id, o.record_id, p.key, $sync, $run_id, $now, p.cause = 'undone_foreign'
FROM temp.main.outcomes o
JOIN temp.main.plan p ON p.action = o.action AND p.record_id = o.record_id
ANTI JOIN (SELECT record_id FROM rollcall.members WHERE list_id = $list_id) known ON known.record_id = o.record_id
WHERE o.action = 'add' AND o.state IN ('done', 'already');

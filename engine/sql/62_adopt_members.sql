-- Members that are desired and were on the list already count as Rollcall's from now on.
-- Writes rollcall.members; reads resolved, current, applied.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $list_id VARCHAR, $now TIMESTAMPTZ.
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since)
SELECT $list_id, r.record_id, min(r.key), $sync, $run_id, $now
FROM temp.main.resolved r
SEMI JOIN temp.main.current c ON c.record_id = r.record_id
ANTI JOIN temp.main.applied a ON a.record_id = r.record_id
GROUP BY r.record_id;

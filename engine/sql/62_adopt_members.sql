-- Insert members found on the list but not yet tracked; managed if they are desired, or a managed member was merged into them; foreign otherwise.
-- Writes rollcall.members; reads resolved, applied, current.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $list_id VARCHAR, $now TIMESTAMPTZ, $own BOOLEAN (do desired members count as Rollcall's?).
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT $list_id, c.record_id, coalesce(min(r.key), min(a.key)), $sync, $run_id, $now, NOT ($own::BOOLEAN AND count(r.record_id) > 0 OR count(a.record_id) > 0)
FROM temp.main.current c
ANTI JOIN (SELECT record_id FROM rollcall.members WHERE list_id = $list_id) known ON known.record_id = c.record_id
LEFT JOIN temp.main.resolved r ON r.record_id = c.record_id
LEFT JOIN temp.main.applied a ON a.record_id = c.record_id
GROUP BY c.record_id;

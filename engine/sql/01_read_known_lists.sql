-- Which lists are known, by which names, and whose run left each of them last? Without a sync where that run is no longer in the ledger.
-- Reads rollcall.lists, rollcall.runs.
-- Parameters: none.
SELECT
    l.list_id, coalesce(l.list_name, '') AS list_name, coalesce(l.known_as, '') AS known_as, coalesce(l.object_type_id, '') AS object_type_id, l.full_read_at,
    coalesce(r.sync, '') AS sync
FROM rollcall.lists l
LEFT JOIN rollcall.runs r ON r.run_id = l.run_id;

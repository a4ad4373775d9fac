-- name: ReadKnownLists
-- Which lists are known, by which names, and whose run left each of them last? Without a sync where that run is no longer in the ledger.
SELECT
    l.list_id, coalesce(l.list_name, '') AS list_name, coalesce(l.known_as, '') AS known_as, coalesce(l.object_type_id, '') AS object_type_id, l.full_read_at,
    coalesce(r.sync, '') AS sync
FROM rollcall.lists l
LEFT JOIN rollcall.runs r ON r.run_id = l.run_id;

-- name: ReadTenures
-- Which syncs have had runs on a list that ended well, and which of them later than the others? The later its last run, the higher its place.
SELECT list_id, sync, row_number() OVER (ORDER BY max((coalesce(epoch, 0), run_id))) AS place
FROM rollcall.runs
WHERE status IN ('SUCCEEDED', 'PARTIAL') AND list_id IS NOT NULL
GROUP BY list_id, sync;

-- name: ReadLastQueries
-- Which query had each sync's last run that came to a plan? Undoing a run has none.
SELECT sync, arg_max(coalesce(query, ''), (coalesce(epoch, 0), run_id)) AS query
FROM rollcall.runs
WHERE plan_hash IS NOT NULL AND undoes IS NULL
GROUP BY sync;

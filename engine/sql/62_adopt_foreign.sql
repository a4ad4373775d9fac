-- Mark the foreign members that are desired now as managed, and set the keys of desired members to those of the query.
-- Writes rollcall.members; reads resolved.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $list_id VARCHAR, $now TIMESTAMPTZ.
UPDATE rollcall.members
SET is_foreign = false,
    sync = CASE WHEN is_foreign THEN $sync ELSE members.sync END,
    run_id = CASE WHEN is_foreign THEN $run_id ELSE members.run_id END,
    since = CASE WHEN is_foreign THEN $now ELSE members.since END,
    key = CASE WHEN list_contains(named.keys, members.key) THEN members.key ELSE named.keys[1] END
FROM (
    SELECT record_id, list(key ORDER BY key) AS keys FROM temp.main.resolved GROUP BY record_id
) named
WHERE members.list_id = $list_id AND members.record_id = named.record_id
  AND (members.is_foreign OR NOT coalesce(list_contains(named.keys, members.key), false));

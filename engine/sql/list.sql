-- name: ReadLists
-- The cached lists. n_members is -1 where rollcall.members has another number.
SELECT
    lists.list_id, coalesce(list_name, '') AS list_name, coalesce(known_as, '') AS known_as, coalesce(object_type_id, '') AS object_type_id, CASE WHEN n_members = (SELECT count(*) FROM rollcall.members m WHERE m.list_id = lists.list_id) THEN n_members ELSE -1 END AS n_members,
    coalesce(hs_list_size, '') AS hs_list_size, coalesce(hs_last_record_added_at, '') AS hs_last_record_added_at,
    coalesce(hs_last_record_removed_at, '') AS hs_last_record_removed_at,
    full_read_at, wrote_from, added_from, added_upto, removed_from, removed_upto, coalesce(n_added, 0) AS n_added, coalesce(n_removed, 0) AS n_removed
FROM rollcall.lists;

-- name: KnowList
-- Store which list a row means, from the first write on, whatever the run's outcome.
INSERT INTO rollcall.lists (list_id, list_name, known_as, object_type_id, run_id)
SELECT $list_id, $list_name, $known_as, $object_type_id, $run_id
WHERE NOT EXISTS (SELECT 1 FROM rollcall.lists WHERE list_id = $list_id);

-- name: PassName
-- Clear that name in the rows of other lists: from now on it belongs to this list.
UPDATE rollcall.lists
SET list_name = CASE WHEN lower(list_name) <> lower($name) THEN list_name END,
    known_as = CASE WHEN lower(known_as) <> lower($name) THEN known_as END
WHERE list_id <> $list_id AND (lower(list_name) = lower($name) OR lower(known_as) = lower($name));

-- name: InvalidateList
-- Invalidate a cached list; its name and ID stay known.
UPDATE rollcall.lists
SET n_members = NULL,
    full_read_at = NULL,
    wrote_from = NULL
WHERE list_id = $list_id;

-- name: CacheList
-- Cache a list's metadata together with rollcall.members.
INSERT INTO rollcall.lists (
    list_id, list_name, known_as, object_type_id, n_members, hs_list_size, hs_last_record_added_at, hs_last_record_removed_at,
    full_read_at, wrote_from, wrote_upto, added_from, added_upto, removed_from, removed_upto, n_added, n_removed, run_id
)
VALUES (
    $list_id, $list_name, $known_as, $object_type_id, $n_members, $hs_list_size, $hs_last_record_added_at, $hs_last_record_removed_at,
    $full_read_at, $wrote_from, $wrote_upto, $added_from, $added_upto, $removed_from, $removed_upto, $n_added, $n_removed, $run_id
);

-- name: EvictList
-- Delete a cached list.
DELETE FROM rollcall.lists
WHERE list_id = $list_id;

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

-- name: StageLists
-- Lists to be written to the cache; filled by the program.
CREATE OR REPLACE TEMP TABLE rollcall_cached (
    list_id VARCHAR, list_name VARCHAR, known_as VARCHAR, object_type_id VARCHAR, n_members BIGINT, hs_list_size VARCHAR, hs_last_record_added_at VARCHAR, hs_last_record_removed_at VARCHAR,
    full_read_at TIMESTAMPTZ, wrote_from TIMESTAMPTZ, wrote_upto TIMESTAMPTZ, added_from TIMESTAMPTZ, added_upto TIMESTAMPTZ, removed_from TIMESTAMPTZ, removed_upto TIMESTAMPTZ,
    n_added BIGINT, n_removed BIGINT, run_id VARCHAR
);

-- name: CacheLists
-- Cache the metadata of lists together with rollcall.members, where the lists are known.
UPDATE rollcall.lists
SET list_name = c.list_name,
    known_as = c.known_as,
    object_type_id = c.object_type_id,
    n_members = c.n_members,
    hs_list_size = c.hs_list_size,
    hs_last_record_added_at = c.hs_last_record_added_at,
    hs_last_record_removed_at = c.hs_last_record_removed_at,
    full_read_at = c.full_read_at,
    wrote_from = c.wrote_from,
    wrote_upto = c.wrote_upto,
    added_from = c.added_from,
    added_upto = c.added_upto,
    removed_from = c.removed_from,
    removed_upto = c.removed_upto,
    n_added = c.n_added,
    n_removed = c.n_removed,
    run_id = c.run_id
FROM temp.main.rollcall_cached c
WHERE lists.list_id = c.list_id;

-- name: CacheNewLists
-- Cache the metadata of lists that are not known yet.
INSERT INTO rollcall.lists BY NAME
SELECT *
FROM temp.main.rollcall_cached
WHERE list_id NOT IN (SELECT list_id FROM rollcall.lists);

-- The cached lists. n_members is -1 where rollcall.members has another number.
-- Reads rollcall.lists, rollcall.members.
-- Parameters: none.
SELECT
    lists.list_id, coalesce(list_name, '') AS list_name, coalesce(known_as, '') AS known_as, coalesce(object_type_id, '') AS object_type_id, CASE WHEN n_members = (SELECT count(*) FROM rollcall.members m WHERE m.list_id = lists.list_id) THEN n_members ELSE -1 END AS n_members,
    coalesce(hs_list_size, '') AS hs_list_size, coalesce(hs_last_record_added_at, '') AS hs_last_record_added_at,
    coalesce(hs_last_record_removed_at, '') AS hs_last_record_removed_at,
    full_read_at, wrote_from, added_from, added_upto, removed_from, removed_upto, coalesce(n_added, 0) AS n_added, coalesce(n_removed, 0) AS n_removed
FROM rollcall.lists;

-- Cache a list's metadata together with rollcall.members.
-- Writes rollcall.lists.
-- Parameters: the columns of a row.
INSERT INTO rollcall.lists (
    list_id, list_name, known_as, object_type_id, n_members, hs_list_size, hs_last_record_added_at, hs_last_record_removed_at,
    full_read_at, wrote_from, wrote_upto, added_from, added_upto, removed_from, removed_upto, n_added, n_removed, run_id
)
VALUES (
    $list_id, $list_name, $known_as, $object_type_id, $n_members, $hs_list_size, $hs_last_record_added_at, $hs_last_record_removed_at,
    $full_read_at, $wrote_from, $wrote_upto, $added_from, $added_upto, $removed_from, $removed_upto, $n_added, $n_removed, $run_id
);

-- Store which list a row means, from the first write on, whatever the run's outcome.
-- Writes rollcall.lists.
-- Parameters: $list_id, $list_name, $known_as, $object_type_id, $run_id VARCHAR.
INSERT INTO rollcall.lists (list_id, list_name, known_as, object_type_id, run_id)
SELECT $list_id, $list_name, $known_as, $object_type_id, $run_id
WHERE NOT EXISTS (SELECT 1 FROM rollcall.lists WHERE list_id = $list_id);

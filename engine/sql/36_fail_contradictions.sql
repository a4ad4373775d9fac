-- Fail the answers of this round that contradict each other: a record has one value of a property, and they give one record for several keys, each as its own value.
-- Writes rollcall_answers.
-- Parameters: $lookup_error INTEGER.
UPDATE temp.main.rollcall_answers
SET lookup_error = $lookup_error
FROM (
    SELECT object_type_id, id_property, record_id
    FROM temp.main.rollcall_answers
    WHERE is_primary AND NOT remembered AND lookup_error IS NULL
    GROUP BY ALL
    HAVING count(*) > 1
) shared
WHERE rollcall_answers.object_type_id = shared.object_type_id
  AND rollcall_answers.id_property = shared.id_property
  AND rollcall_answers.record_id = shared.record_id
  AND NOT rollcall_answers.remembered;

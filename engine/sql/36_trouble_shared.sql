-- A record has one value of a property. The answers of this round that gave one record for several keys, with another value each, have a trouble.
-- Writes rollcall_answers.
-- Parameters: $trouble INTEGER.
UPDATE temp.main.rollcall_answers
SET trouble = $trouble
FROM (
    SELECT object_type_id, id_property, record_id
    FROM temp.main.rollcall_answers
    WHERE is_primary AND NOT remembered AND trouble IS NULL
    GROUP BY ALL
    HAVING count(*) > 1
) shared
WHERE rollcall_answers.object_type_id = shared.object_type_id
  AND rollcall_answers.id_property = shared.id_property
  AND rollcall_answers.record_id = shared.record_id
  AND NOT rollcall_answers.remembered;

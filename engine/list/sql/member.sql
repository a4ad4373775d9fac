-- name: StageMembers
-- What rollcall.members has of some lists.
CREATE OR REPLACE TEMP TABLE rollcall_members (list_id VARCHAR, record_id BIGINT, key VARCHAR, is_foreign BOOLEAN);

-- name: CopyMembers
-- Copy what rollcall.members has of the given lists, in place of what was copied before.
CREATE OR REPLACE TEMP TABLE rollcall_members AS
SELECT list_id, record_id, key, coalesce(is_foreign, false) AS is_foreign
FROM rollcall.members
WHERE list_contains($lists::VARCHAR[], list_id);

-- name: CountDifferences
-- How many records are on the list and not in rollcall.members, or the other way round?
SELECT count(*) AS differences
FROM (
    (SELECT record_id FROM temp.main.current EXCEPT SELECT record_id FROM temp.main.rollcall_members WHERE list_id = $list_id)
    UNION ALL
    (SELECT record_id FROM temp.main.rollcall_members WHERE list_id = $list_id EXCEPT SELECT record_id FROM temp.main.current)
);

-- name: CountAdoptable
-- How many members would AdoptForeign change?
SELECT count(*) AS adoptable
FROM temp.main.rollcall_members members
JOIN (
    -- A member keeps the key it has as long as the query gives it among others, so that nothing is written where nothing
    -- changed.
    SELECT record_id, list(key ORDER BY key) AS keys FROM temp.main.resolved GROUP BY record_id
) named ON named.record_id = members.record_id
WHERE members.list_id = $list_id AND (members.is_foreign OR NOT coalesce(list_contains(named.keys, members.key), false));

-- name: AdoptForeign
-- Mark the foreign members that are desired now as managed, and set the keys of desired members to those of the query.
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

-- name: DeleteMembers
-- Delete members that left the list by other means than Rollcall, and that the plan does not put back.
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id NOT IN (SELECT record_id FROM temp.main.current)
  AND record_id NOT IN (SELECT record_id FROM temp.main.plan WHERE action = 'add');

-- name: AdoptMembers
-- Insert members found on the list but not yet tracked; managed if they are desired, or a managed member was merged into them; foreign otherwise.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $list_id VARCHAR, $now TIMESTAMPTZ, $own BOOLEAN (do desired members count as Rollcall's?).
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT $list_id, c.record_id, coalesce(min(r.key), min(a.key)), $sync, $run_id, $now, NOT ($own::BOOLEAN AND count(r.record_id) > 0 OR count(a.record_id) > 0)
FROM temp.main.current c
ANTI JOIN (SELECT record_id FROM rollcall.members WHERE list_id = $list_id) known ON known.record_id = c.record_id
LEFT JOIN temp.main.resolved r ON r.record_id = c.record_id
LEFT JOIN temp.main.applied a ON a.record_id = c.record_id
GROUP BY c.record_id;

-- name: NameMembers
-- Add the known keys to members that this run found and that the query does not name.
UPDATE rollcall.members
SET key = names.key
FROM (
    SELECT record_id, min(key) AS key
    FROM (
        -- Answers of this execution, and those that are cached.
        SELECT record_id, key FROM temp.main.rollcall_answers WHERE object_type_id = $object_type_id AND id_property = $id_property
        UNION ALL
        SELECT record_id, key FROM rollcall.identities WHERE object_type_id = $object_type_id AND id_property = $id_property
    )
    GROUP BY record_id
) names
WHERE members.list_id = $list_id AND members.run_id = $run_id AND members.record_id = names.record_id AND members.key IS NULL;

-- name: JoinMembers
-- Who is on the list after an addition is Rollcall's, unless it only puts back a foreign member.
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT $list_id, o.record_id, p.key, $sync, $run_id, $now, p.cause = 'undone_foreign'
FROM temp.main.outcomes o
JOIN temp.main.plan p ON p.n = o.n
ANTI JOIN (SELECT record_id FROM rollcall.members WHERE list_id = $list_id) known ON known.record_id = o.record_id
WHERE o.action = 'add' AND o.state IN ('done', 'already');

-- name: LeaveMembers
-- Delete members that a removal took off the list, or that an addition did not put on it.
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id IN (
      SELECT record_id FROM temp.main.outcomes
      WHERE (action = 'remove' AND state IN ('done', 'already', 'missing'))
         OR (action = 'add' AND state IN ('missing', 'failed'))
  );

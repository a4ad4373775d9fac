-- name: RecordDrift
-- Insert drift: members that joined or left by other means than Rollcall since its last run, where it has run on the list, and only if it is not recorded yet.
INSERT INTO rollcall.drift (run_id, sync, list_id, record_id, key, kind, cause, found_at)
WITH left_there AS (
    -- What Rollcall last left on the list, foreign members included.
    SELECT record_id, min(key) AS key FROM rollcall.members WHERE list_id = $list_id GROUP BY record_id
),
differing AS (
    SELECT l.record_id, l.key, 'disappeared' AS kind, 'removed_by_hand' AS cause
    FROM left_there l
    ANTI JOIN temp.main.current c ON c.record_id = l.record_id
    UNION ALL
    SELECT c.record_id, NULL, 'appeared', 'added_by_hand'
    FROM temp.main.current c
    ANTI JOIN left_there l ON l.record_id = c.record_id
),
latest AS (
    -- What was last recorded of each record. Runs are in order of the lease's epoch, because the clocks of two runners
    -- may differ.
    SELECT d.record_id, arg_max(d.kind, (coalesce(r.epoch, 0), d.run_id, d.found_at)) AS kind, max((coalesce(r.epoch, 0), d.run_id)) AS run
    FROM rollcall.drift d
    LEFT JOIN rollcall.runs r ON r.run_id = d.run_id
    WHERE d.list_id = $list_id
    GROUP BY d.record_id
),
reported AS (
    -- A plan that was blocked, or never sent, leaves the list as it was found.
    SELECT record_id, kind
    FROM latest
    WHERE NOT EXISTS (
        SELECT 1
        FROM rollcall.changes c
        LEFT JOIN rollcall.runs r ON r.run_id = c.run_id
        WHERE c.list_id = $list_id AND c.record_id = latest.record_id AND (coalesce(r.epoch, 0), c.run_id) >= latest.run AND c.state IN ('done', 'already')
    )
)
-- A list on which Rollcall has never left anything has no drift: its members are those that others put there.
SELECT $run_id, $sync, $list_id, d.record_id, d.key, d.kind, d.cause, $now
FROM differing d
WHERE (d.record_id, d.kind) NOT IN (SELECT (record_id, kind) FROM reported)
  AND (
      EXISTS (SELECT 1 FROM left_there)
      OR EXISTS (SELECT 1 FROM rollcall.lists WHERE list_id = $list_id)
      OR EXISTS (SELECT 1 FROM rollcall.changes WHERE list_id = $list_id AND state IN ('done', 'already'))
  );

-- name: NameDrift
-- Add the cached keys to the drift records of this run.
UPDATE rollcall.drift
SET key = names.key
FROM (
    SELECT record_id, min(key) AS key
    FROM rollcall.identities
    WHERE object_type_id = $object_type_id AND id_property = $id_property
    GROUP BY record_id
) names
WHERE drift.run_id = $run_id AND drift.record_id = names.record_id AND drift.key IS NULL;

-- name: StageDifference
-- How does the list, read back, differ from what the ledger says is on it? Changes whose answer is not known make no difference. A list that is not $whole does not show who is missing; where the plan's own reading was $in_part, who appears may have been there before.
CREATE OR REPLACE TEMP TABLE rollcall_difference AS
WITH there AS (
    -- What the list shows now.
    SELECT DISTINCT record_id FROM temp.main.rollcall_pages WHERE sync = $sync
),
known AS (
    -- What it should show by HubSpot's answers.
    SELECT record_id, min(key) AS key FROM rollcall.members WHERE list_id = $list_id GROUP BY record_id
),
own AS (
    -- This run's own changes tell a write that did not take effect (not_applied) from a change by others.
    SELECT action, record_id, key FROM rollcall.changes WHERE run_id = $run_id AND state IN ('done', 'already')
),
differing AS (
    SELECT k.record_id, k.key, 'disappeared' AS kind, CASE WHEN own.record_id IS NULL THEN 'lost' ELSE 'not_applied' END AS cause
    FROM known k
    ANTI JOIN there ON there.record_id = k.record_id
    LEFT JOIN own ON own.record_id = k.record_id AND own.action = 'add'
    WHERE $whole
    UNION ALL
    SELECT there.record_id, own.key, 'appeared', CASE WHEN own.record_id IS NULL THEN 'added_by_hand' ELSE 'not_applied' END
    FROM there
    ANTI JOIN known k ON k.record_id = there.record_id
    LEFT JOIN own ON own.record_id = there.record_id AND own.action = 'remove'
)
SELECT record_id, key, kind, cause, NOT $in_part OR cause <> 'added_by_hand' AS is_drift
FROM differing
WHERE record_id NOT IN (SELECT record_id FROM rollcall.changes WHERE list_id = $list_id AND state IN ('sent', 'unknown'));

-- name: CountDifference
-- How many records differ that are drift?
SELECT count(*) AS differing
FROM temp.main.rollcall_difference
WHERE is_drift;

-- name: RecordDifference
-- Keeps the difference that reading the list back has shown.
INSERT INTO rollcall.drift (run_id, sync, list_id, record_id, key, kind, cause, found_at)
SELECT $run_id, $sync, $list_id, record_id, key, kind, cause, $now
FROM temp.main.rollcall_difference
WHERE is_drift;

-- name: DeleteDisappeared
-- Delete members that are not on the list when it is read back, whatever HubSpot answered.
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id IN (SELECT record_id FROM temp.main.rollcall_difference WHERE kind = 'disappeared');

-- name: JoinAppeared
-- Insert members that are on the list when it is read back: managed where Rollcall's own removal did not take effect, foreign otherwise.
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT $list_id, record_id, key, $sync, $run_id, $now, cause <> 'not_applied'
FROM temp.main.rollcall_difference
WHERE kind = 'appeared';

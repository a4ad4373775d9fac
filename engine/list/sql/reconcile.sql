-- name: StageReconciled
-- What is the state of changes whose answer was lost? The journal's, or else the list's: done, if the added record is on the list or the removed one is not.
CREATE OR REPLACE TEMP TABLE rollcall_reconciled AS
SELECT
    run_id, n, sync, action, record_id, key, cause, told,
    -- failed: what the list does not show was not applied, and is planned again where it is still desired.
    coalesce(told, CASE WHEN shown THEN 'done' ELSE 'failed' END) AS state,
    CASE
        WHEN told IS NOT NULL THEN reason
        WHEN shown THEN 'the answer was lost; the list shows the change'
        ELSE 'the answer was lost; the list does not show the change'
    END AS reason
FROM (
    SELECT *, (action = 'add') = (record_id IN (SELECT record_id FROM temp.main.current)) AS shown
    FROM temp.main.rollcall_pending_unknown
    WHERE list_id = $list_id
);

-- name: ReconcileJoined
-- Insert members whose addition turned out to have been applied, as managed unless the addition put back a foreign member.
-- Parameters: $list_id VARCHAR, $now TIMESTAMPTZ.
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT $list_id, record_id, min(key), min(sync), min(run_id), $now, bool_and(cause = 'undone_foreign')
FROM temp.main.rollcall_reconciled
WHERE action = 'add' AND state = 'done'
  AND record_id NOT IN (SELECT record_id FROM rollcall.members WHERE list_id = $list_id)
GROUP BY record_id;

-- name: ReconcileLeft
-- Delete members whose removal turned out to have been applied.
DELETE FROM rollcall.members
WHERE list_id = $list_id
  AND record_id IN (SELECT record_id FROM temp.main.rollcall_reconciled WHERE action = 'remove' AND state = 'done');

-- name: ReadOrphans
-- Which lists have orphaned changes: changes whose answer was lost, with no sync that will read the list? With the sync that sent them. A row that names its list reads the list that is cached under the name.
SELECT c.list_id, min(c.sync) AS sync
FROM rollcall.changes c
WHERE c.state IN ('unknown', 'sent')
  AND c.list_id IS NOT NULL
  AND NOT EXISTS (
      SELECT 1 FROM rollcall.syncs s
      WHERE coalesce(s.enabled, true)
        AND (
            trim(s.list_id) = c.list_id
            OR s.list_id IS NULL AND s.name = c.sync
            -- The row reads the list that has its list_name by now: that is not this one where the name has passed to
            -- another list.
            AND NOT EXISTS (SELECT 1 FROM rollcall.lists l WHERE lower(l.known_as) = lower(trim(s.list_name)) AND l.list_id <> c.list_id)
        )
  )
GROUP BY c.list_id;

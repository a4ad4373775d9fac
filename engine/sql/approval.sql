-- name: FindBlocked
-- Which run of the sync was blocked last?
SELECT run_id
FROM rollcall.runs
WHERE sync = $sync AND status = 'BLOCKED'
ORDER BY coalesce(epoch, 0) DESC, run_id DESC
LIMIT 1;

-- name: SampleRemovals
-- The first removals of a recorded plan, and of records the first changes that clear a value: those with a key before the others, for people to look at.
SELECT
    c.action,
    coalesce(c.record_id, 0) AS record_id,
    coalesce(c.key, '') AS key,
    coalesce(c.cause, '') AS cause,
    (
        SELECT coalesce('{' || string_agg(to_json(v.property) || ':' || json_array(v.before, v.after), ',') || '}', '{}')
        FROM rollcall.change_values v
        WHERE v.run_id = c.run_id AND v.n = c.n
    ) AS values
FROM rollcall.runs r
JOIN rollcall.changes c ON c.run_id = coalesce(r.plan_run_id, r.run_id)
WHERE r.run_id = $run_id
  AND (c.action IN ('remove', 'clear', 'archive', 'unlink')
      OR c.action = 'update' AND c.n IN (SELECT v.n FROM rollcall.change_values v WHERE v.run_id = c.run_id AND v.before IS NOT NULL AND v.after IS NULL))
ORDER BY c.key NULLS LAST, c.record_id
LIMIT $limit;

-- name: Approve
-- A person lets a blocked plan pass, once.
INSERT INTO rollcall.approvals (run_id, approved_by, approved_at)
VALUES ($run_id, $approved_by, $now);

-- name: JudgeApproval
-- Does an approval of the run count, and if not, why? The first one that does; else the latest.
SELECT coalesce(approved_by, '') AS approved_by, approved_at, expires_at, coalesce(void_reason, '') AS void_reason
FROM rollcall.approval_status
WHERE run_id = $run_id
ORDER BY void_reason IS NOT NULL, CASE WHEN void_reason IS NULL THEN approved_at END, approved_at DESC
LIMIT 1;

-- name: CountFresh
-- How many approvals have not expired? Asked before FindApproval and FindApprovalOfValues: mostly there are none, and the engine takes long to plan those.
-- Parameters: $now TIMESTAMPTZ.
SELECT count(*) AS fresh
FROM rollcall.approvals
WHERE expires_at IS NULL OR expires_at > $now::TIMESTAMPTZ;

-- name: CountApprovals
-- How many approvals of the sync count, whichever plan they cover?
-- Parameters: $sync, $undoes VARCHAR (the run that is undone; NULL: none), $now TIMESTAMPTZ.
SELECT count(*) AS n
FROM rollcall.approval_status
WHERE sync = $sync AND undoes IS NOT DISTINCT FROM $undoes::VARCHAR AND void_reason IS NULL AND expires_at > $now::TIMESTAMPTZ;

-- name: FindApproval
-- Which approval covers the plan? All that it removes, and the list that it makes, are in the plan of the blocked run that was approved; where it has too few keys, that one had too few too, and no more; where it has too many changes, that one had too many too, and no fewer.
-- Parameters: $sync, $undoes, $list_id (NULL: to be made), $list_name VARCHAR; $now TIMESTAMPTZ; $begun BOOLEAN (only one whose plan was begun and cut short); $too_few, $too_many BIGINT (its keys, where they are too few, and its changes, where they are too many).
WITH approved AS (
    -- Approvals of this sync and target that count; plan_id is the run that has the plan in the ledger.
    SELECT DISTINCT r.run_id, coalesce(r.epoch, 0) AS epoch, coalesce(r.plan_run_id, r.run_id) AS plan_id
    FROM rollcall.approval_status a
    JOIN rollcall.runs r ON r.run_id = a.run_id
    WHERE a.sync = $sync
      AND a.undoes IS NOT DISTINCT FROM $undoes::VARCHAR
      AND a.void_reason IS NULL
      AND a.expires_at > $now::TIMESTAMPTZ
      AND (a.used_at IS NOT NULL OR NOT $begun::BOOLEAN)
      AND (r.list_id = $list_id::VARCHAR OR r.list_id IS NULL AND r.makes_list = $list_name::VARCHAR)
      AND ($too_few::BIGINT IS NULL OR list_contains(string_split(r.guards, ','), 'min_rows') AND r.n_emails <= $too_few::BIGINT)
      AND ($too_many::BIGINT IS NULL OR list_contains(string_split(r.guards, ','), 'max_changes') AND r.n_to_add + r.n_to_remove >= $too_many::BIGINT)
),
uncovered AS (
    -- Of these, those whose plan lacks a removal of the present one. Records without an ID yet are known by their keys.
    SELECT DISTINCT approved.run_id
    FROM approved
    JOIN temp.main.plan ON plan.action = 'remove'
    ANTI JOIN rollcall.changes seen ON seen.run_id = approved.plan_id AND seen.action = 'remove' AND seen.record_id IS NOT DISTINCT FROM plan.record_id AND (plan.record_id IS NOT NULL OR seen.key = plan.key)
)
SELECT run_id
FROM approved
WHERE run_id NOT IN (SELECT run_id FROM uncovered)
ORDER BY epoch DESC, run_id DESC
LIMIT 1;

-- name: FindApprovalOfLinks
-- Which approval covers a plan of links? All that it unlinks is in the plan of the blocked run that was approved; where it has too few keys, that one had too few too, and no more; where it has too many changes, that one had too many too, and no fewer.
-- Parameters: $sync, $undoes, $target VARCHAR (both object types); $now TIMESTAMPTZ; $begun BOOLEAN (only one whose plan was begun and cut short); $too_few, $too_many BIGINT (its keys, where they are too few, and its changes, where they are too many).
WITH approved AS (
    SELECT DISTINCT r.run_id, coalesce(r.epoch, 0) AS epoch, coalesce(r.plan_run_id, r.run_id) AS plan_id
    FROM rollcall.approval_status a
    JOIN rollcall.runs r ON r.run_id = a.run_id
    WHERE a.sync = $sync
      AND a.undoes IS NOT DISTINCT FROM $undoes::VARCHAR
      AND a.void_reason IS NULL
      AND a.expires_at > $now::TIMESTAMPTZ
      AND (a.used_at IS NOT NULL OR NOT $begun::BOOLEAN)
      AND ($too_few::BIGINT IS NULL OR list_contains(string_split(r.guards, ','), 'min_rows') AND r.n_emails <= $too_few::BIGINT)
      AND ($too_many::BIGINT IS NULL OR list_contains(string_split(r.guards, ','), 'max_changes') AND r.n_to_add + r.n_to_remove >= $too_many::BIGINT)
),
uncovered AS (
    SELECT DISTINCT approved.run_id
    FROM approved
    JOIN temp.main.plan ON plan.action = 'unlink'
    ANTI JOIN rollcall.changes seen
        ON seen.run_id = approved.plan_id AND seen.target = $target AND seen.action = 'unlink'
        AND seen.record_id = plan.record_id AND seen.to_record_id = plan.to_record_id AND seen.association_type = plan.association_type
)
SELECT run_id
FROM approved
WHERE run_id NOT IN (SELECT run_id FROM uncovered)
ORDER BY epoch DESC, run_id DESC
LIMIT 1;

-- name: FindApprovalOfValues
-- Which approval covers a plan of records? Every change of it, with its values, is in the plan of the blocked run that was approved; a record may lose fewer values than there.
WITH approved AS (
    SELECT DISTINCT r.run_id, coalesce(r.epoch, 0) AS epoch, coalesce(r.plan_run_id, r.run_id) AS plan_id
    FROM rollcall.approval_status a
    JOIN rollcall.runs r ON r.run_id = a.run_id
    WHERE a.sync = $sync AND a.undoes IS NOT DISTINCT FROM $undoes::VARCHAR AND a.void_reason IS NULL AND a.expires_at > $now::TIMESTAMPTZ
),
uncovered AS (
    SELECT DISTINCT approved.run_id
    FROM approved
    CROSS JOIN temp.main.plan
    ANTI JOIN rollcall.changes seen ON seen.run_id = approved.plan_id AND seen.action = plan.action AND seen.key = plan.key AND (plan.action = 'create' OR seen.record_id = plan.record_id)
        AND (CAST(seen.values AS VARCHAR) IS NOT DISTINCT FROM CAST(plan.values AS VARCHAR) OR plan.action = 'clear' AND json_contains(seen.values, plan.values))
)
SELECT run_id
FROM approved
WHERE run_id NOT IN (SELECT run_id FROM uncovered)
ORDER BY epoch DESC, run_id DESC
LIMIT 1;

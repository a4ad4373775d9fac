-- name: FindSamePlan
-- Has a run that sent nothing left exactly this plan in the ledger: the same changes, of the same people, for the same reasons?
WITH earlier AS (
    -- The latest run with this plan's hash that has the changes itself.
    SELECT run_id FROM rollcall.runs
    WHERE sync = $sync AND plan_hash = $plan_hash AND undoes IS NOT DISTINCT FROM $undoes
      AND plan_run_id IS NULL AND status IN ('BLOCKED', 'DRY_RUN')
    ORDER BY coalesce(epoch, 0) DESC, run_id DESC
    LIMIT 1
),
recorded AS (
    -- The hash covers actions and records alone: keys and causes have to be the same too.
    SELECT action, record_id, key, cause FROM rollcall.changes
    WHERE run_id = (SELECT run_id FROM earlier) AND state = 'planned'
),
differing AS (
    (SELECT action, record_id, key, cause FROM temp.main.plan EXCEPT SELECT action, record_id, key, cause FROM recorded)
    UNION ALL
    (SELECT action, record_id, key, cause FROM recorded EXCEPT SELECT action, record_id, key, cause FROM temp.main.plan)
)
SELECT run_id
FROM earlier
WHERE NOT EXISTS (SELECT 1 FROM differing);

-- name: RecordChanges
-- Keeps the plan before anything of it is sent.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $list_id VARCHAR, $now TIMESTAMPTZ, $plan BIGINT (its number in the run).
INSERT INTO rollcall.changes (run_id, n, sync, list_id, target, action, record_id, key, cause, state, plan, batch, changed_at)
SELECT $run_id, n, $sync, $list_id, $list_id, action, record_id, key, cause, 'planned', $plan, batch, $now
FROM temp.main.plan;

-- name: RecordValues
-- Keeps a plan of records, with the values that its changes carry, before anything of it is sent.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $target VARCHAR, $now TIMESTAMPTZ, $plan BIGINT (its number in the run).
INSERT INTO rollcall.changes (run_id, n, sync, target, action, record_id, key, values, cause, state, plan, batch, changed_at)
SELECT $run_id, n, $sync, $target, action, record_id, key, values, cause, 'planned', $plan, batch, $now
FROM temp.main.plan;

-- name: RecordLinks
-- Keeps a plan of links, with the pairs of records that they are between, before anything of it is sent.
-- Parameters: $run_id VARCHAR, $sync VARCHAR, $target VARCHAR, $now TIMESTAMPTZ, $plan BIGINT (its number in the run).
INSERT INTO rollcall.changes (run_id, n, sync, target, action, record_id, key, values, to_record_id, association_type, cause, state, plan, batch, changed_at)
SELECT $run_id, n, $sync, $target, action, record_id, key, values, to_record_id, association_type, cause, 'planned', $plan, batch, $now
FROM temp.main.plan;

-- name: NameListOfChanges
-- The changes are to the list that the run has made.
UPDATE rollcall.changes
SET list_id = $list_id, target = $list_id
WHERE run_id = $run_id;

-- name: MarkSent
-- From now on these changes may have reached HubSpot.
UPDATE rollcall.changes
SET state = 'sent', changed_at = $now
WHERE run_id = $run_id AND batch BETWEEN $batch AND $last;

-- name: MarkUnsent
-- The calls that were to carry these changes were not made.
UPDATE rollcall.changes
SET state = 'planned', changed_at = $now
WHERE run_id = $run_id AND batch BETWEEN $batch AND $last AND state = 'sent';

-- name: StageOutcomes
-- What HubSpot answered for each change of a batch; filled from its answers.
CREATE OR REPLACE TEMP TABLE outcomes (n BIGINT, action VARCHAR, record_id BIGINT, state VARCHAR, reason VARCHAR);

-- name: RecordOutcomes
-- Keeps the outcomes, and the IDs of records that were created.
UPDATE rollcall.changes
SET state = o.state, reason = o.reason, changed_at = $now, record_id = coalesce(changes.record_id, o.record_id)
FROM temp.main.outcomes o
WHERE changes.run_id = $run_id AND changes.n = o.n;

-- name: InterruptChanges
-- The answer to a batch that a dead runner sent is not known.
-- Parameters: $runs VARCHAR[] (IDs of its runs), $now TIMESTAMPTZ.
UPDATE rollcall.changes
SET state = 'unknown', reason = 'the runner stopped before the answer', changed_at = $now
WHERE state = 'sent' AND list_contains($runs::VARCHAR[], run_id);

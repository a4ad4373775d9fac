-- name: StageJournal
-- What the journal says became of changes; filled from its lines.
CREATE OR REPLACE TEMP TABLE rollcall_journal (run_id VARCHAR, list_id VARCHAR, batch BIGINT, action VARCHAR, record_id BIGINT, state VARCHAR, reason VARCHAR);

-- name: CountUnknownRuns
-- How many runs of the journal are unknown to the ledger?
SELECT count(DISTINCT run_id) AS unknown_runs
FROM temp.main.rollcall_journal
WHERE run_id NOT IN (SELECT run_id FROM rollcall.runs);

-- name: TakeChanges
-- Changes whose answer the ledger does not know become what the journal says.
UPDATE rollcall.changes
SET state = j.state, reason = j.reason, changed_at = $now
FROM temp.main.rollcall_journal j
WHERE changes.run_id = j.run_id
  AND changes.batch = j.batch
  AND changes.action = j.action
  AND changes.record_id = j.record_id
  AND changes.state IN ('sent', 'unknown');

-- name: TakeEnd
-- A run that the ledger still has as RUNNING ended as the journal says.
UPDATE rollcall.runs
SET status = $status, error = $error, hint = $hint, held_runner = $held_runner, finished_at = $finished_at
WHERE run_id = $run_id AND status = 'RUNNING';

-- name: TakeJoined
-- Who is on a list for what the journal says is Rollcall's, unless the change only put back a foreign member.
-- Parameters: $now TIMESTAMPTZ (the moment of taking it in).
INSERT INTO rollcall.members (list_id, record_id, key, sync, run_id, since, is_foreign)
SELECT list_id, record_id, min(key), min(sync), min(run_id), $now, bool_and(cause = 'undone_foreign')
FROM rollcall.changes c
WHERE action = 'add' AND state IN ('done', 'already') AND changed_at = $now
  AND run_id IN (SELECT run_id FROM temp.main.rollcall_journal)
  AND NOT EXISTS (SELECT 1 FROM rollcall.members m WHERE m.list_id = c.list_id AND m.record_id = c.record_id)
GROUP BY list_id, record_id;

-- name: TakeLeft
-- Who is off a list for what the journal says, or did not get onto it, is not on it.
-- Parameters: $now TIMESTAMPTZ (the moment of taking it in).
DELETE FROM rollcall.members
USING rollcall.changes c
WHERE members.list_id = c.list_id
  AND members.record_id = c.record_id
  AND c.changed_at = $now
  AND c.run_id IN (SELECT run_id FROM temp.main.rollcall_journal)
  AND (c.action = 'remove' AND c.state IN ('done', 'already', 'missing') OR c.action = 'add' AND c.state IN ('missing', 'failed'));

-- name: NoteJournal
-- The runs whose changes were taken in say so.
-- Parameters: $now TIMESTAMPTZ (the moment of taking it in).
UPDATE rollcall.runs
SET detail = concat_ws('; ', detail, c.n || CASE WHEN c.n = 1 THEN ' change' ELSE ' changes' END || ' taken in from the journal')
FROM (
    SELECT run_id, count(*) AS n FROM rollcall.changes
    WHERE changed_at = $now AND run_id IN (SELECT run_id FROM temp.main.rollcall_journal)
    GROUP BY run_id
) c
WHERE runs.run_id = c.run_id;

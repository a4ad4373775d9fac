-- name: StageJournal
-- The outcomes of changes according to the journal; filled from its lines. n is NULL in lines of versions that did not number changes.
CREATE OR REPLACE TEMP TABLE rollcall_journal (run_id VARCHAR, list_id VARCHAR, batch BIGINT, n BIGINT, action VARCHAR, record_id BIGINT, state VARCHAR, reason VARCHAR);

-- name: NumberJournal
-- Give the outcomes without a number that of their change: in a batch, action and record identify it.
UPDATE temp.main.rollcall_journal
SET n = c.n
FROM rollcall.changes c
WHERE rollcall_journal.n IS NULL
  AND c.run_id = rollcall_journal.run_id
  AND c.batch = rollcall_journal.batch
  AND c.action = rollcall_journal.action
  AND c.record_id = rollcall_journal.record_id;

-- name: CountUnknownRuns
-- How many runs of the journal are unknown to the ledger?
SELECT count(DISTINCT run_id) AS unknown_runs
FROM temp.main.rollcall_journal
WHERE run_id NOT IN (SELECT run_id FROM rollcall.runs);

-- name: StageTaken
-- Changes whose answer the ledger does not know and the journal does.
CREATE OR REPLACE TEMP TABLE rollcall_taken AS
SELECT c.run_id, c.n, c.sync, c.list_id, c.action, coalesce(c.record_id, j.record_id) AS record_id, c.key, c.cause, j.state, j.reason
FROM rollcall.changes c
JOIN temp.main.rollcall_journal j ON j.run_id = c.run_id AND j.n = c.n
WHERE c.state IN ('sent', 'unknown');

-- name: FindTaken
-- Of which runs are they?
SELECT DISTINCT run_id
FROM temp.main.rollcall_taken;

-- name: TakeChanges
-- Those changes become what the journal says.
UPDATE rollcall.changes
SET state = t.state, reason = t.reason, changed_at = $now, record_id = coalesce(changes.record_id, t.record_id)
FROM temp.main.rollcall_taken t
WHERE changes.run_id = t.run_id AND changes.n = t.n;

-- name: TakeEnd
-- A run that the ledger still has as RUNNING ended as the journal says.
UPDATE rollcall.runs
SET status = $status, error = $error, hint = $hint, held_runner = $held_runner, finished_at = $finished_at
WHERE run_id = $run_id AND status = 'RUNNING';

-- name: NoteJournal
-- The runs whose changes were taken in say so.
UPDATE rollcall.runs
SET detail = concat_ws('; ', detail, t.n || CASE WHEN t.n = 1 THEN ' change' ELSE ' changes' END || ' taken in from the journal')
FROM (SELECT run_id, count(*) AS n FROM temp.main.rollcall_taken GROUP BY run_id) t
WHERE runs.run_id = t.run_id;

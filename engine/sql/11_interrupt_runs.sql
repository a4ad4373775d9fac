-- Closes the runs that a dead runner left open. Their calls are those that reached the ledger.
-- Writes rollcall.runs; reads rollcall.calls.
-- Parameters: $epoch BIGINT (ours; older ones are dead), $now TIMESTAMPTZ, $detail VARCHAR, $hint VARCHAR, $uncounted VARCHAR (the operation that HubSpot's limits do not count).
UPDATE rollcall.runs
SET status = 'INTERRUPTED', finished_at = $now, detail = concat_ws('; ', $detail, detail), hint = $hint,
    api_calls = (SELECT count(*) FROM rollcall.calls c WHERE c.run_id = runs.run_id AND c.operation <> $uncounted),
    api_retries = (SELECT count(*) FROM rollcall.calls c WHERE c.run_id = runs.run_id AND c.operation <> $uncounted AND c.attempt > 1)
WHERE status = 'RUNNING' AND epoch < $epoch;

-- Closes the runs that a dead runner left open.
-- Writes rollcall.runs.
-- Parameters: $epoch BIGINT (ours; older ones are dead), $now TIMESTAMPTZ, $detail VARCHAR, $hint VARCHAR.
UPDATE rollcall.runs
SET status = 'INTERRUPTED', finished_at = $now, detail = concat_ws('; ', $detail, detail), hint = $hint
WHERE status = 'RUNNING' AND epoch < $epoch;

-- Views that have changed or come new since 003.

CREATE OR REPLACE VIEW rollcall.unmatched AS
SELECT j.sync, j.key, j.reason, j.detail, r.run_at, r.run_id, j.since_run
FROM rollcall.rejects j
LEFT JOIN (
    -- Undoing a run asks for no keys.
    SELECT sync, run_id, run_at FROM rollcall.runs
    WHERE n_emails IS NOT NULL AND undoes IS NULL
    QUALIFY row_number() OVER (PARTITION BY sync ORDER BY run_at DESC, run_id DESC) = 1
) r ON r.sync = j.sync
WHERE j.until_run IS NULL;

COMMENT ON VIEW rollcall.unmatched IS 'Keys that the last run of each sync could not use, why, and since which run.';

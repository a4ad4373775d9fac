-- name: StageCalls
-- Calls to be written to the ledger, with the runs that made them.
CREATE OR REPLACE TEMP TABLE calls (
    run_id VARCHAR, sync VARCHAR, called_at TIMESTAMPTZ, operation VARCHAR, method VARCHAR, path VARCHAR, status INTEGER, attempt INTEGER,
    duration_ms DOUBLE, items BIGINT, retry_after_ms DOUBLE, correlation_id VARCHAR, error VARCHAR
);

-- name: RecordCalls
-- Keeps the calls.
INSERT INTO rollcall.calls (run_id, sync, called_at, operation, method, path, status, attempt, duration_ms, items, retry_after_ms, correlation_id, error)
SELECT run_id, sync, called_at, operation, method, path, status, attempt, duration_ms, items, retry_after_ms, correlation_id, error
FROM temp.main.calls;

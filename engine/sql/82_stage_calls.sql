-- Calls on their way into the ledger, with the runs that made them.
-- Makes calls.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE calls (
    run_id VARCHAR, sync VARCHAR, called_at TIMESTAMPTZ, operation VARCHAR, method VARCHAR, path VARCHAR, status INTEGER, attempt INTEGER,
    duration_ms DOUBLE, items BIGINT, retry_after_ms DOUBLE, correlation_id VARCHAR, error VARCHAR
);

-- Calls of a run, on their way into the ledger; filled as they are made.
-- Makes calls.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE calls (
    called_at TIMESTAMPTZ, operation VARCHAR, method VARCHAR, path VARCHAR, status INTEGER, attempt INTEGER,
    duration_ms DOUBLE, items BIGINT, retry_after_ms DOUBLE, correlation_id VARCHAR, error VARCHAR
);

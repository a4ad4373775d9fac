-- Keeps the calls.
-- Writes rollcall.calls; reads calls.
-- Parameters: none.
INSERT INTO rollcall.calls (run_id, sync, called_at, operation, method, path, status, attempt, duration_ms, items, retry_after_ms, correlation_id, error)
SELECT run_id, sync, called_at, operation, method, path, status, attempt, duration_ms, items, retry_after_ms, correlation_id, error
FROM temp.main.calls;

-- A table to ask a database with, as if it were the lease and a ledger; one that was left behind is replaced.
-- Makes rollcall.doctor_probe.
-- Parameters: $rows BIGINT.
CREATE OR REPLACE TABLE rollcall.doctor_probe AS SELECT i AS id, NULL::VARCHAR AS owner, now() AS told_at FROM range($rows::BIGINT) AS t (i);

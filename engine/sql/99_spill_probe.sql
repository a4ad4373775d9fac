-- A set that does not fit into a memory limit.
-- Makes rollcall_probe_spilled.
-- Parameters: $rows BIGINT.
CREATE OR REPLACE TEMP TABLE rollcall_probe_spilled AS SELECT md5(i::VARCHAR) || md5((i + 1)::VARCHAR) || md5((i + 2)::VARCHAR) AS text FROM range($rows::BIGINT) AS t (i);

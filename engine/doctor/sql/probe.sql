-- name: MakeProbe
-- A table to ask a database with, as if it were the lease and a ledger; one that was left behind is replaced.
CREATE OR REPLACE TABLE rollcall.doctor_probe AS SELECT i AS id, NULL::VARCHAR AS owner, now() AS told_at FROM range($rows::BIGINT) AS t (i);

-- name: StageProbe
-- A set to ask with; filled by the program.
CREATE OR REPLACE TEMP TABLE rollcall_probe (id BIGINT);

-- name: CopyProbe
-- A set that is read from the database.
CREATE OR REPLACE TEMP TABLE rollcall_probe_copy AS SELECT id FROM rollcall.doctor_probe;

-- name: InsertProbe
-- Inserts rows that a set has and the table does not.
INSERT INTO rollcall.doctor_probe (id, told_at) SELECT id, now() FROM rollcall_probe WHERE id NOT IN (SELECT id FROM rollcall.doctor_probe);

-- name: UpdateProbe
-- Changes rows that a set has.
UPDATE rollcall.doctor_probe SET owner = 'updated', told_at = now() FROM rollcall_probe AS p WHERE doctor_probe.id = p.id;

-- name: ChangeProbe
-- Changes all rows of a set.
UPDATE rollcall_probe SET id = id + 1;

-- name: DeleteProbe
-- Deletes rows that a set has, and those that it has not.
DELETE FROM rollcall.doctor_probe WHERE id IN (SELECT id FROM rollcall_probe WHERE id < $below::BIGINT) OR id NOT IN (SELECT id FROM rollcall_probe);

-- name: CountProbe
-- How many rows the sets have that were loaded and copied.
SELECT (SELECT count(*) FROM rollcall_probe) AS loaded, (SELECT count(*) FROM rollcall_probe_copy) AS copied;

-- name: QueryProbe
-- A set that is read by a text, as the query of a row is.
CREATE OR REPLACE TEMP TABLE rollcall_probe_copy AS SELECT id FROM query('SELECT id FROM rollcall.doctor_probe');

-- name: ExplainJoin
-- Where a join of a set with a table of the database is carried out.
EXPLAIN SELECT p.id FROM rollcall.doctor_probe AS p JOIN rollcall_probe AS s ON p.id = s.id;

-- name: ExplainNow
-- How now() is carried out beside a table of the database.
EXPLAIN SELECT id, now() AS told FROM rollcall.doctor_probe;

-- name: ExplainDelete
-- Where rows are deleted that a set has not.
EXPLAIN DELETE FROM rollcall.doctor_probe WHERE id NOT IN (SELECT id FROM rollcall_probe);

-- name: RaceProbe
-- Takes the one row that stands for the lease, when it is free: one row changed means that it is ours.
UPDATE rollcall.doctor_probe SET owner = $owner, told_at = now() WHERE id = 0 AND owner IS NULL;

-- name: FreeProbe
-- Frees the row that stands for the lease.
UPDATE rollcall.doctor_probe SET owner = NULL WHERE id = 0;

-- name: SpillProbe
-- A set that does not fit into a memory limit.
CREATE OR REPLACE TEMP TABLE rollcall_probe_spilled AS SELECT md5(i::VARCHAR) || md5((i + 1)::VARCHAR) || md5((i + 2)::VARCHAR) AS text FROM range($rows::BIGINT) AS t (i);

-- name: CountSpilled
-- How many bytes have been spilled.
SELECT coalesce(sum(size), 0)::BIGINT FROM duckdb_temporary_files();

-- name: DropSpilled
-- Drops the set that does not fit.
DROP TABLE IF EXISTS rollcall_probe_spilled;

-- name: DropProbe
-- Drops what was asked with.
DROP TABLE IF EXISTS rollcall.doctor_probe;

-- name: ReadCachedRecords
-- Cached records of an object type.
SELECT DISTINCT record_id FROM rollcall.identities WHERE object_type_id = $object_type_id AND record_id IS NOT NULL ORDER BY record_id LIMIT $limit;

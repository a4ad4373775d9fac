-- name: StageRead
-- What HubSpot has answered about the associations of records: association_type is default for the link without a label.
CREATE TEMP TABLE rollcall_link_read (sync INTEGER, from_id BIGINT, to_id BIGINT, association_type VARCHAR, label VARCHAR);

-- name: StageAsked
-- The records whose associations were read for a sync, all of them.
CREATE TEMP TABLE rollcall_link_asked (sync INTEGER, from_id BIGINT);

-- name: ForgetRead
-- What was read for the sync is out of date.
DELETE FROM temp.main.rollcall_link_read
WHERE sync = $sync;

-- name: ForgetAsked
-- What was read for the sync is out of date.
DELETE FROM temp.main.rollcall_link_asked
WHERE sync = $sync;

-- name: ReadAsked
-- The records whose associations were read for the sync.
SELECT DISTINCT from_id
FROM temp.main.rollcall_link_asked
WHERE sync = $sync
ORDER BY from_id;

-- name: ReadQuestions
-- The records whose associations are to be read: those of which nothing is known, or nothing recent, and those of changes whose answer was lost. Of records that have left the query only those on which the sync has left links.
-- Parameters: $sync INTEGER; $name, $target VARCHAR; $mirror BOOLEAN (do links go that have left the query?); $since TIMESTAMPTZ (what was read before is too old).
WITH concerned AS (
    SELECT DISTINCT record_id AS from_id
    FROM temp.main.rollcall_link_answers
    WHERE side = 1 - 2 * $sync::INTEGER AND record_id IS NOT NULL
    UNION
    SELECT from_record_id
    FROM rollcall.links
    WHERE target = $target AND sync = $name AND $mirror::BOOLEAN
),
fresh AS (
    SELECT DISTINCT from_record_id AS from_id
    FROM rollcall.link_reads
    WHERE target = $target AND read_at >= $since::TIMESTAMPTZ
)
SELECT c.from_id
FROM concerned c
ANTI JOIN fresh f ON f.from_id = c.from_id
UNION
SELECT record_id
FROM temp.main.rollcall_pending_unknown
WHERE sync = $name AND target = $target AND record_id IS NOT NULL
ORDER BY ALL;

-- name: ReadUndoneRecords
-- The records of the changes that a run has made, or may have.
-- Parameters: $undoes, $target VARCHAR.
SELECT DISTINCT record_id
FROM rollcall.changes
WHERE run_id = $undoes AND target = $target AND state <> 'planned'
ORDER BY record_id;

-- name: ReadUnread
-- The records of planned changes whose associations were not read in this execution.
SELECT DISTINCT p.record_id
FROM temp.main.plan p
ANTI JOIN temp.main.rollcall_link_asked a ON a.sync = $sync AND a.from_id = p.record_id
ORDER BY p.record_id;

-- name: CountElsewhere
-- How many changes of a run are to links between other object types?
SELECT count(*) AS n
FROM rollcall.changes
WHERE run_id = $undoes AND target IS DISTINCT FROM $target::VARCHAR;

-- name: StageCachedKeys
-- Keys to be looked up again: those with a cached answer that a change depends on.
CREATE OR REPLACE TEMP TABLE rollcall_questions AS
SELECT $object_type_id::VARCHAR AS object_type_id, $id_property::VARCHAR AS id_property, r.key, $sync::INTEGER AS sync
FROM temp.main.resolved r
SEMI JOIN temp.main.plan p ON p.record_id = r.record_id
WHERE r.cached;

-- name: StageUnreadRemovals
-- Records to be removed that have not been read, where the desired set depends on cached answers; those without a key first.
CREATE OR REPLACE TEMP TABLE rollcall_unread AS
WITH cached AS (
    -- A cached answer about any key may be the wrong one: the record to be removed may have a key that the cache gives to
    -- another record, or to none.
    SELECT key FROM temp.main.resolved WHERE cached
    UNION ALL
    SELECT u.key
    FROM temp.main.unmatched u
    JOIN temp.main.rollcall_answers a ON a.key = u.key
    WHERE a.object_type_id = $object_type_id AND a.id_property = $id_property AND a.cached
)
SELECT p.record_id
FROM temp.main.plan p
ANTI JOIN temp.main.rollcall_records r ON r.record_id = p.record_id
WHERE p.action = 'remove' AND EXISTS (SELECT 1 FROM cached)
ORDER BY p.key IS NOT NULL, p.record_id;

-- name: StageAppeared
-- Members that are unknown to Rollcall, where managed members have disappeared: one may be the survivor of a merge.
CREATE OR REPLACE TEMP TABLE rollcall_unread AS
SELECT c.record_id
FROM temp.main.current c
ANTI JOIN temp.main.resolved r ON r.record_id = c.record_id
ANTI JOIN (SELECT record_id FROM rollcall.members WHERE list_id = $list_id) known ON known.record_id = c.record_id
WHERE EXISTS (SELECT 1 FROM temp.main.applied a ANTI JOIN temp.main.current here ON here.record_id = a.record_id)
ORDER BY c.record_id;

-- name: LinkSurvivors
-- Add records to applied that a managed member was merged into, or that have its key.
INSERT INTO temp.main.applied (record_id, key)
WITH disappeared AS (
    -- Managed members that are not on the list any more.
    SELECT a.record_id, a.key FROM temp.main.applied a ANTI JOIN temp.main.current c ON c.record_id = a.record_id
),
survivors AS (
    -- By HubSpot's property hs_merged_object_ids, or by the key that passed to the other record.
    SELECT r.record_id, d.key FROM temp.main.rollcall_records r JOIN disappeared d ON d.record_id = r.merged_id
    UNION ALL
    SELECT r.record_id, d.key FROM temp.main.rollcall_records r JOIN disappeared d ON d.key = r.key
)
SELECT s.record_id, min(s.key)
FROM survivors s
SEMI JOIN temp.main.current c ON c.record_id = s.record_id
ANTI JOIN temp.main.applied a ON a.record_id = s.record_id
GROUP BY s.record_id;

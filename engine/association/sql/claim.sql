-- name: StageClaims
-- Links that the query asks for and that another sync has made. orphaned: that sync's row is gone or off.
-- Parameters: $name VARCHAR; $removes BOOLEAN (does the query name what is to go?).
CREATE OR REPLACE TEMP TABLE rollcall_link_claimed AS
SELECT l.from_id, l.to_id, l.association_type,
    l.owner NOT IN (SELECT name FROM rollcall.syncs WHERE name IS NOT NULL AND coalesce(enabled, true) AND lower(trim(kind)) = 'association') AS orphaned
FROM temp.main.rollcall_link_live l
SEMI JOIN temp.main.rollcall_link_elements e ON e.from_id = l.from_id AND e.to_id = l.to_id AND e.association_type = l.association_type
WHERE l.owner <> $name AND NOT $removes::BOOLEAN;

-- name: StageSuccessors
-- Links that the plan would end and that another sync asks for, with that sync.
-- Parameters: $target, $name VARCHAR.
CREATE OR REPLACE TEMP TABLE rollcall_link_successors AS
SELECT d.from_id, d.to_id, d.association_type, min(c.sync) AS successor
FROM temp.main.differing d
JOIN temp.main.rollcall_link_live l ON l.from_id = d.from_id AND l.to_id = d.to_id AND l.association_type = d.association_type AND l.owner = $name
JOIN rollcall.link_claims c ON c.target = $target AND c.from_record_id = d.from_id AND c.to_record_id = d.to_id AND c.association_type = d.association_type
WHERE d.action = 'unlink' AND c.sync <> $name
  AND c.sync IN (SELECT name FROM rollcall.syncs WHERE coalesce(enabled, true) AND lower(trim(kind)) = 'association')
GROUP BY d.from_id, d.to_id, d.association_type;

-- name: LeaveClaimed
-- They stay.
DELETE FROM temp.main.differing
WHERE action = 'unlink' AND (from_id, to_id, association_type) IN (SELECT (from_id, to_id, association_type) FROM temp.main.rollcall_link_successors);

-- name: CountClaimChanges
-- Is there something about claims that the ledger does not have: links that go over to another sync or come from one, claims that begin or end?
-- Parameters: $target, $name VARCHAR.
WITH claims AS (
    SELECT target, from_record_id, to_record_id, association_type FROM rollcall.link_claims WHERE sync = $name
),
claimed AS (
    SELECT $target::VARCHAR AS target, from_id, to_id, association_type FROM temp.main.rollcall_link_claimed WHERE NOT orphaned
)
SELECT (SELECT count(*) FROM temp.main.rollcall_link_successors)
    + (SELECT count(*) FROM temp.main.rollcall_link_claimed WHERE orphaned)
    + (SELECT count(*) FROM (FROM claims EXCEPT FROM claimed))
    + (SELECT count(*) FROM (FROM claimed EXCEPT FROM claims)) AS changes;

-- name: TransferLinks
-- Links that go over to the sync that asks for them.
-- Parameters: $target, $name VARCHAR.
UPDATE rollcall.links
SET sync = h.successor
FROM temp.main.rollcall_link_successors h
WHERE links.target = $target AND links.sync = $name
  AND links.from_record_id = h.from_id AND links.to_record_id = h.to_id AND links.association_type = h.association_type;

-- name: EndTransferredClaims
-- What is a sync's own it does not claim.
-- Parameters: $target VARCHAR.
DELETE FROM rollcall.link_claims
USING temp.main.rollcall_link_successors h
WHERE link_claims.target = $target AND link_claims.sync = h.successor
  AND link_claims.from_record_id = h.from_id AND link_claims.to_record_id = h.to_id AND link_claims.association_type = h.association_type;

-- name: TakeOrphaned
-- Links of a sync whose row is gone or off go over to the one that asks for them.
-- Parameters: $name, $target VARCHAR.
UPDATE rollcall.links
SET sync = $name
FROM temp.main.rollcall_link_claimed c
WHERE links.target = $target AND c.orphaned AND links.sync IS NOT NULL
  AND links.from_record_id = c.from_id AND links.to_record_id = c.to_id AND links.association_type = c.association_type;

-- name: DeleteClaims
-- The sync's claims end,
DELETE FROM rollcall.link_claims
WHERE sync = $name;

-- name: InsertClaims
-- but for those that it has.
-- Parameters: $target, $name, $run_id VARCHAR.
INSERT INTO rollcall.link_claims (target, from_record_id, to_record_id, association_type, sync, run_id)
SELECT $target, from_id, to_id, association_type, $name, $run_id
FROM temp.main.rollcall_link_claimed
WHERE NOT orphaned;

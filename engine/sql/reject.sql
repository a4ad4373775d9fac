-- name: StageOpenRejects
-- The keys that the ledger has as rejects of some syncs.
CREATE OR REPLACE TEMP TABLE rollcall_open_rejects AS
SELECT sync, key, reason
FROM rollcall.rejects
WHERE until_run IS NULL AND list_contains($syncs::VARCHAR[], sync);

-- name: CountRejectChanges
-- How many keys have become rejects of the sync, or are none any more?
SELECT count(*) AS changes
FROM (
    (SELECT key, reason FROM temp.main.rejected EXCEPT SELECT key, reason FROM temp.main.rollcall_open_rejects WHERE sync = $sync)
    UNION ALL
    (SELECT key, reason FROM temp.main.rollcall_open_rejects WHERE sync = $sync EXCEPT SELECT key, reason FROM temp.main.rejected)
);

-- name: BeginRejects
-- Keys that can't be used and that the ledger does not have as such: their spans begin.
INSERT INTO rollcall.rejects (sync, key, reason, detail, since_run)
SELECT $sync, j.key, j.reason, j.detail, $run_id
FROM temp.main.rejected j
ANTI JOIN (SELECT key, reason FROM rollcall.rejects WHERE sync = $sync AND until_run IS NULL) open_rejects
    ON open_rejects.key = j.key AND open_rejects.reason = j.reason;

-- name: EndRejects
-- Keys that can be used now, or are not asked for any more: their spans end.
UPDATE rollcall.rejects
SET until_run = $run_id
WHERE sync = $sync AND until_run IS NULL
  AND (key, reason) NOT IN (SELECT (key, reason) FROM temp.main.rejected);

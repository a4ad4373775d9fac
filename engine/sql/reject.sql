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

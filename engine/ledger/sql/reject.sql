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

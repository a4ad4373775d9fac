-- name: BeginRejects
-- Keys that can't be used and that the ledger does not have as such: their spans begin.
INSERT INTO rollcall.rejects (sync, key, reason, detail, since_run)
SELECT $sync, j.key, j.reason, j.detail, $run_id
FROM temp.main.rejected j
ANTI JOIN (SELECT key, reason FROM rollcall.rejects WHERE sync = $sync AND until_run IS NULL) open_rejects
    ON open_rejects.key = j.key AND open_rejects.reason = j.reason;

-- name: BeginRefused
-- Keys of which HubSpot has just refused a change, and that are not among the rejects as such.
-- Parameters: $sync, $run_id VARCHAR.
INSERT INTO rollcall.rejects (sync, key, reason, since_run)
SELECT DISTINCT $sync, t.key, 'refused', $run_id
FROM temp.main.rollcall_tried t
ANTI JOIN (SELECT key FROM rollcall.rejects WHERE sync = $sync AND reason = 'refused' AND until_run IS NULL) open_rejects ON open_rejects.key = t.key
WHERE t.reason = 'refused';

-- name: CountTries
-- Rejects that were tried once more. The next try is 1 hour after the first one, and twice the time after each further one with the same values, up to a day.
-- Parameters: $sync VARCHAR, $now TIMESTAMPTZ.
WITH counted AS (
    SELECT tried.key, tried.reason, tried.values_hash, coalesce(tried.detail, j.detail) AS detail,
        CASE WHEN j.values_hash = tried.values_hash THEN coalesce(j.n_tries, 0) + 1 ELSE 1 END AS n_tries
    FROM temp.main.rollcall_tried tried
    JOIN rollcall.rejects j ON j.sync = $sync AND j.reason = tried.reason AND j.until_run IS NULL AND j.key = tried.key
)
UPDATE rollcall.rejects
SET n_tries = t.n_tries, tried_at = $now::TIMESTAMPTZ, values_hash = t.values_hash, detail = t.detail,
    retry_at = $now::TIMESTAMPTZ + to_hours(least(24, CAST(pow(2, least(t.n_tries, 6) - 1) AS BIGINT)))
FROM counted t
WHERE rejects.sync = $sync AND rejects.reason = t.reason AND rejects.until_run IS NULL AND rejects.key = t.key;

-- name: EndRefused
-- Refused keys whose change HubSpot has taken now.
-- Parameters: $sync, $run_id VARCHAR.
UPDATE rollcall.rejects
SET until_run = $run_id
WHERE sync = $sync AND reason = 'refused' AND until_run IS NULL
  AND key IN (SELECT p.key FROM temp.main.outcomes o JOIN temp.main.plan p ON p.n = o.n WHERE o.state = 'done');

-- name: EndRejects
-- Keys that can be used now, or are not asked for any more: their spans end.
UPDATE rollcall.rejects
SET until_run = $run_id
WHERE sync = $sync AND until_run IS NULL
  AND (key, reason) NOT IN (SELECT (key, reason) FROM temp.main.rejected);

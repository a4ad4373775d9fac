-- Columns for what a yes covers, what warns, what was made, and whose plan an unchanged one is.

ALTER TABLE rollcall.syncs ADD COLUMN allow_takeover BOOLEAN;
ALTER TABLE rollcall.syncs ADD COLUMN min_rows BIGINT;
COMMENT ON COLUMN rollcall.syncs.allow_takeover IS 'May the first run on the list remove members that others put there? NULL: false.';
COMMENT ON COLUMN rollcall.syncs.min_rows IS 'Fewest usable, distinct keys that the query must return. NULL: no limit.';

ALTER TABLE rollcall.runs ADD COLUMN warning VARCHAR;
ALTER TABLE rollcall.runs ADD COLUMN made_list BOOLEAN;
ALTER TABLE rollcall.runs ADD COLUMN plan_run_id VARCHAR;
ALTER TABLE rollcall.runs ADD COLUMN approved_run VARCHAR;
ALTER TABLE rollcall.runs ADD COLUMN seconds DOUBLE;
ALTER TABLE rollcall.runs ADD COLUMN schedule VARCHAR;
ALTER TABLE rollcall.runs ADD COLUMN row_sha256 VARCHAR;
ALTER TABLE rollcall.runs ADD COLUMN next_run_at TIMESTAMPTZ;
COMMENT ON COLUMN rollcall.runs.warning IS 'What should be looked at though the run succeeded, such as a query that returns far fewer rows than last time.';
COMMENT ON COLUMN rollcall.runs.made_list IS 'Did this run make the list? list_id is its ID.';
COMMENT ON COLUMN rollcall.runs.plan_run_id IS 'The earlier run whose rows in changes are this run''s plan too, because the plan has not changed since. NULL: the plan is under run_id.';
COMMENT ON COLUMN rollcall.runs.approved_run IS 'The blocked run whose approval let this run''s plan pass.';
COMMENT ON COLUMN rollcall.runs.seconds IS 'Seconds spent on this sync alone. What is done for all syncs of a run together (looking up keys and lists) is not in it.';

-- A reject is a span: the run that found it first, and the run that did not find it any more. Rows of runs that followed one another become one.
CREATE TABLE rollcall.reject_spans (
    sync      VARCHAR NOT NULL,
    key       VARCHAR,
    reason    VARCHAR NOT NULL,
    detail    VARCHAR,
    since_run VARCHAR NOT NULL,
    until_run VARCHAR
);
INSERT INTO rollcall.reject_spans (sync, key, reason, detail, since_run, until_run)
WITH looked AS (
    SELECT sync, run_id, row_number() OVER (PARTITION BY sync ORDER BY run_id) AS n
    FROM (
        SELECT sync, run_id FROM rollcall.runs WHERE n_emails IS NOT NULL AND undoes IS NULL
        UNION
        SELECT sync, run_id FROM rollcall.rejects
    )
),
found AS (
    SELECT sync, key, reason, run_id, min(detail) AS detail FROM rollcall.rejects GROUP BY sync, key, reason, run_id
),
placed AS (
    SELECT found.*, n, n - row_number() OVER (PARTITION BY sync, key, reason ORDER BY n) AS island
    FROM found
    JOIN looked USING (sync, run_id)
),
spans AS (
    SELECT sync, key, reason, arg_min(detail, n) AS detail, arg_min(run_id, n) AS since_run, max(n) AS last
    FROM placed
    GROUP BY sync, key, reason, island
)
SELECT spans.sync, spans.key, spans.reason, spans.detail, spans.since_run, looked.run_id
FROM spans
LEFT JOIN looked ON looked.sync = spans.sync AND looked.n = spans.last + 1;
DROP TABLE rollcall.rejects;
ALTER TABLE rollcall.reject_spans RENAME TO rejects;
COMMENT ON TABLE rollcall.rejects IS 'The ledger: keys that could not be used, one row for as long as it was so. Those of one run: since_run <= its run_id, and until_run NULL or > its run_id.';
COMMENT ON COLUMN rollcall.rejects.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.rejects.key IS 'The key as the query returned it.';
COMMENT ON COLUMN rollcall.rejects.reason IS 'invalid_email, invalid_record_id, invalid_key, too_long (the key is the beginning of a text that is too long for one), not_found (HubSpot has no such record).';
COMMENT ON COLUMN rollcall.rejects.detail IS 'The rule that it broke, in words.';
COMMENT ON COLUMN rollcall.rejects.since_run IS 'The first run, see runs, that could not use it.';
COMMENT ON COLUMN rollcall.rejects.until_run IS 'The first run thereafter that came to a plan without it. NULL: it stands.';
COMMENT ON COLUMN rollcall.runs.schedule IS 'The row''s schedule when the run began.';
COMMENT ON COLUMN rollcall.runs.row_sha256 IS 'SHA-256 over the row when the run began: a FAILED sync whose row has changed since is due at once.';
COMMENT ON COLUMN rollcall.runs.next_run_at IS 'When the sync is due next, as far as its run tells: the next date of its schedule, or after FAILED the end of a pause if that comes first. NULL: at the next rollcall run.';

ALTER TABLE rollcall.runs ADD COLUMN makes_list VARCHAR;
COMMENT ON COLUMN rollcall.runs.makes_list IS 'Name of the list that the plan begins with making. NULL: the list is there.';

ALTER TABLE rollcall.approvals ADD COLUMN expires_at TIMESTAMPTZ;
COMMENT ON COLUMN rollcall.approvals.expires_at IS 'Until when it counts. NULL: the next run or approve fills in approved_at and the setting approval_ttl.';
COMMENT ON COLUMN rollcall.approvals.used_by IS 'The run that used it. NULL: not used yet. A plan that was cut short goes on under it, see approval_status.';

ALTER TABLE rollcall.lists ADD COLUMN known_as VARCHAR;
COMMENT ON COLUMN rollcall.lists.known_as IS 'The list_name by which rows know the list, whatever HubSpot calls it by now. NULL: no row does.';

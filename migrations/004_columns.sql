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
COMMENT ON COLUMN rollcall.runs.warning IS 'What should be looked at though the run succeeded, such as a query that returns far fewer rows than last time.';
COMMENT ON COLUMN rollcall.runs.made_list IS 'Did this run make the list? list_id is its ID.';
COMMENT ON COLUMN rollcall.runs.plan_run_id IS 'The earlier run whose rows in changes are this run''s plan too, because the plan has not changed since. NULL: the plan is under run_id.';
COMMENT ON COLUMN rollcall.runs.approved_run IS 'The blocked run whose approval let this run''s plan pass.';
COMMENT ON COLUMN rollcall.runs.seconds IS 'Seconds spent on this sync alone. What is done for all syncs of a run together (looking up keys and lists) is not in it.';

-- Columns that have come new since 004.

ALTER TABLE rollcall.runs ADD COLUMN row_json VARCHAR;
COMMENT ON COLUMN rollcall.runs.row_json IS 'The row of syncs when the run began, as JSON without the query and what is NULL. NULL: row and query are those of the sync''s last run that has it; see row_history.';

ALTER TABLE rollcall.runs ADD COLUMN held_runner BOOLEAN;
COMMENT ON COLUMN rollcall.runs.held_runner IS 'Did the query go on when its time was over, so that the runner ended itself? It is not tried again until the query changes or somebody names the sync.';

ALTER TABLE rollcall.lease ADD COLUMN writes BIGINT;
COMMENT ON COLUMN rollcall.lease.writes IS 'How many transactions its holder has written to the ledger; negative before the first. It tells whether one was carried out whose answer was lost.';

ALTER TABLE rollcall.runs ADD COLUMN guards VARCHAR;
COMMENT ON COLUMN rollcall.runs.guards IS 'The guards that the plan broke, separated by commas. NULL: none, or the run came to no plan.';

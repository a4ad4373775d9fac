-- What people write: the syncs, and the approvals of plans that a guard blocked.
-- All tables are plain ones without keys, sequences or enums, so that one file serves a local DuckDB file and MotherDuck.

CREATE TABLE rollcall.syncs (
    name            VARCHAR NOT NULL,
    query           VARCHAR,
    list_id         VARCHAR,
    enabled         BOOLEAN DEFAULT true,
    list_name       VARCHAR,
    key_column      VARCHAR,
    id_property     VARCHAR DEFAULT 'email',
    object_type     VARCHAR DEFAULT 'contacts',
    mode            VARCHAR DEFAULT 'mirror',
    foreign_members VARCHAR DEFAULT 'remove',
    allow_empty     BOOLEAN DEFAULT false,
    allow_takeover  BOOLEAN,
    min_rows        BIGINT,
    max_removals    BIGINT,
    max_removal_pct DOUBLE DEFAULT 50,
    dry_run         BOOLEAN DEFAULT false,
    schedule        VARCHAR,
    description     VARCHAR,
    owner           VARCHAR,
    created_at      TIMESTAMPTZ DEFAULT now(),
    updated_at      TIMESTAMPTZ DEFAULT now()
);

COMMENT ON TABLE rollcall.syncs IS 'One row a sync, written by analysts: a query, a HubSpot list, enabled. A row with just name, query and list_id is complete.';
COMMENT ON COLUMN rollcall.syncs.name IS 'Unique name of the sync: letters, digits, _ and -.';
COMMENT ON COLUMN rollcall.syncs.query IS 'One SELECT. Its key column holds who belongs on the list.';
COMMENT ON COLUMN rollcall.syncs.list_id IS 'The HubSpot list, by its ILS id. Give this or list_name.';
COMMENT ON COLUMN rollcall.syncs.enabled IS 'Does the sync run? Default true.';
COMMENT ON COLUMN rollcall.syncs.list_name IS 'In place of list_id: the list of that name, made as a MANUAL list when missing.';
COMMENT ON COLUMN rollcall.syncs.key_column IS 'The query''s column with the keys, in any case. NULL: email where id_property is email, else the name of the id_property.';
COMMENT ON COLUMN rollcall.syncs.id_property IS 'The HubSpot property that the keys are values of: email (default), hs_object_id for record IDs, or any unique property.';
COMMENT ON COLUMN rollcall.syncs.object_type IS 'contacts (default), companies, deals, or a custom type (2-... or its name). Must be the list''s own type.';
COMMENT ON COLUMN rollcall.syncs.mode IS 'mirror (default): add and remove. add: only add. remove: the query names who is to go.';
COMMENT ON COLUMN rollcall.syncs.foreign_members IS 'Members that Rollcall did not put there: remove (default) or keep.';
COMMENT ON COLUMN rollcall.syncs.allow_empty IS 'May an empty result empty the list? Default false.';
COMMENT ON COLUMN rollcall.syncs.allow_takeover IS 'May the first run on the list remove members that others put there? NULL: false.';
COMMENT ON COLUMN rollcall.syncs.min_rows IS 'Fewest usable, distinct keys that the query must return. NULL: no limit.';
COMMENT ON COLUMN rollcall.syncs.max_removals IS 'Most removals in one run. NULL: no limit in numbers.';
COMMENT ON COLUMN rollcall.syncs.max_removal_pct IS 'Most removals in one run, in percent of the list''s members. Default 50; counts from 10 members up.';
COMMENT ON COLUMN rollcall.syncs.dry_run IS 'true: plan and write the plan to the ledger, send nothing.';
COMMENT ON COLUMN rollcall.syncs.schedule IS 'Cron expression in UTC, or @every 15m. NULL: at every run.';
COMMENT ON COLUMN rollcall.syncs.description IS 'For people.';
COMMENT ON COLUMN rollcall.syncs.owner IS 'For people: whom to ask.';
COMMENT ON COLUMN rollcall.syncs.created_at IS 'When the row was made.';
COMMENT ON COLUMN rollcall.syncs.updated_at IS 'When the row was last changed by rollcall specs push; set it yourself when you change a row by hand.';

CREATE TABLE rollcall.approvals (
    run_id      VARCHAR NOT NULL,
    plan_hash   VARCHAR,
    sync        VARCHAR,
    approved_by VARCHAR,
    approved_at TIMESTAMPTZ DEFAULT now(),
    expires_at  TIMESTAMPTZ,
    used_by     VARCHAR,
    used_at     TIMESTAMPTZ
);

COMMENT ON TABLE rollcall.approvals IS 'Blocked plans that a person lets pass, once: INSERT INTO rollcall.approvals (run_id, approved_by) VALUES (...), or rollcall approve RUN_ID.';
COMMENT ON COLUMN rollcall.approvals.run_id IS 'The BLOCKED run whose plan may pass.';
COMMENT ON COLUMN rollcall.approvals.plan_hash IS 'Hash of that plan. NULL: taken from the run.';
COMMENT ON COLUMN rollcall.approvals.sync IS 'Name of the sync. NULL: taken from the run.';
COMMENT ON COLUMN rollcall.approvals.approved_by IS 'Who said yes.';
COMMENT ON COLUMN rollcall.approvals.approved_at IS 'When.';
COMMENT ON COLUMN rollcall.approvals.expires_at IS 'Until when it counts. NULL: the next run or approve fills in approved_at and the setting approval_ttl.';
COMMENT ON COLUMN rollcall.approvals.used_by IS 'The run that used it. NULL: not used yet. A plan that was cut short goes on under it, see approval_status.';
COMMENT ON COLUMN rollcall.approvals.used_at IS 'When it was used up.';

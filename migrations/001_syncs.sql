-- What people write: the syncs, and the approvals of plans that a guard blocked.
-- All tables are plain ones without keys, sequences or enums, so that one file serves a local DuckDB file and MotherDuck.

-- Only enabled and the times have defaults here: what NULL means in another column depends on the kind of the row, and a column that the
-- kind does not have must be NULL.
CREATE TABLE rollcall.syncs (
    name            VARCHAR NOT NULL,
    query           VARCHAR,
    list_id         VARCHAR,
    enabled         BOOLEAN DEFAULT true,
    kind            VARCHAR,
    list_name       VARCHAR,
    key_column      VARCHAR,
    id_property     VARCHAR,
    object_type     VARCHAR,
    to_id_property  VARCHAR,
    to_object_type  VARCHAR,
    event_name      VARCHAR,
    mode            VARCHAR,
    foreign_members VARCHAR,
    foreign_values  VARCHAR,
    on_leave        VARCHAR,
    if_null         VARCHAR,
    allow_empty     BOOLEAN,
    allow_takeover  BOOLEAN,
    min_rows        BIGINT,
    max_changes     BIGINT,
    max_creates     BIGINT,
    max_removals    BIGINT,
    max_removal_pct DOUBLE,
    dry_run         BOOLEAN,
    schedule        VARCHAR,
    description     VARCHAR,
    owner           VARCHAR,
    created_at      TIMESTAMPTZ DEFAULT now(),
    updated_at      TIMESTAMPTZ DEFAULT now()
);

COMMENT ON TABLE rollcall.syncs IS 'One row a sync, written by analysts: a query, where its result goes, enabled. A row with just name, query and list_id is complete. NULL means the default.';
COMMENT ON COLUMN rollcall.syncs.name IS 'Unique name of the sync: letters, digits, _ and -.';
COMMENT ON COLUMN rollcall.syncs.query IS 'One SELECT. Of a list: its key column holds who belongs on it. Of an object: its key column says which record, every other column is the property of that name. Of an association: from_key, to_key and, where it matters, label.';
COMMENT ON COLUMN rollcall.syncs.list_id IS 'The HubSpot list, by its ILS id. Give this or list_name. Kind list.';
COMMENT ON COLUMN rollcall.syncs.enabled IS 'Does the sync run? Default true.';
COMMENT ON COLUMN rollcall.syncs.kind IS 'What is kept in step: list (default) members of a list, object properties of records, association links between records.';
COMMENT ON COLUMN rollcall.syncs.list_name IS 'In place of list_id: the list of that name, made as a MANUAL list when missing. Kind list.';
COMMENT ON COLUMN rollcall.syncs.key_column IS 'The query''s column with the keys, in any case. NULL: email where id_property is email, else the name of the id_property. Kinds list and object.';
COMMENT ON COLUMN rollcall.syncs.id_property IS 'The HubSpot property that the keys (of an association: from_key) are values of: email (default), hs_object_id for record IDs, or any unique property.';
COMMENT ON COLUMN rollcall.syncs.object_type IS 'contacts (default), companies, deals, tickets, or a custom type (2-... or its name). Of a list: the list''s own type. Of an association: that of from_key.';
COMMENT ON COLUMN rollcall.syncs.to_id_property IS 'The HubSpot property that to_key is a value of, as id_property: email by default. Kind association.';
COMMENT ON COLUMN rollcall.syncs.to_object_type IS 'The type of the records that to_key names, as object_type; it has no default. Kind association.';
COMMENT ON COLUMN rollcall.syncs.event_name IS 'Name of the event. For a kind that is not built in yet.';
COMMENT ON COLUMN rollcall.syncs.mode IS 'Of a list or an association: mirror (default) adds and removes, add only adds, remove: the query names who or what is to go. Of an object: upsert (default) updates and creates, update never creates, create never updates.';
COMMENT ON COLUMN rollcall.syncs.foreign_members IS 'Of a list: members that Rollcall did not put there, remove (default) or keep. Of an association: links that Rollcall did not make, keep (default; remove where mode is remove) or remove.';
COMMENT ON COLUMN rollcall.syncs.foreign_values IS 'Values that others wrote, as a full read finds them: overwrite (default) or keep. Kind object.';
COMMENT ON COLUMN rollcall.syncs.on_leave IS 'A record that has left the query: keep (default), clear (the values that the sync wrote) or archive (if the sync created it). Kind object.';
COMMENT ON COLUMN rollcall.syncs.if_null IS 'What a NULL in the query means: keep (default: nothing) or clear (the property is cleared). Kind object.';
COMMENT ON COLUMN rollcall.syncs.allow_empty IS 'May an empty result empty the list, or take away all that the sync keeps? Default false.';
COMMENT ON COLUMN rollcall.syncs.allow_takeover IS 'May the first run remove what others put there? Default false.';
COMMENT ON COLUMN rollcall.syncs.min_rows IS 'Fewest usable, distinct keys that the query must return. NULL: no limit.';
COMMENT ON COLUMN rollcall.syncs.max_changes IS 'Most changes in one run. NULL: no limit.';
COMMENT ON COLUMN rollcall.syncs.max_creates IS 'Most new records in one run. NULL: 1000, or 10 percent of the records that the sync keeps if that is more. Kind object.';
COMMENT ON COLUMN rollcall.syncs.max_removals IS 'Most removals in one run. NULL: no limit in numbers.';
COMMENT ON COLUMN rollcall.syncs.max_removal_pct IS 'Most removals in one run, in percent of what is there. NULL: 50; counts from 10 up.';
COMMENT ON COLUMN rollcall.syncs.dry_run IS 'true: plan and write the plan to the ledger, send nothing. Default false.';
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
COMMENT ON COLUMN rollcall.approvals.used_by IS 'The run that used it. NULL: not used yet. A plan that was cut short continues under it, see approval_status.';
COMMENT ON COLUMN rollcall.approvals.used_at IS 'When it was used up.';

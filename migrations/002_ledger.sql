-- The ledger: every run, change, drift, reject and call; and the lease under which it is written.

CREATE TABLE rollcall.runs (
    run_id           VARCHAR NOT NULL,
    run_at           TIMESTAMPTZ NOT NULL,
    sync             VARCHAR NOT NULL,
    kind             VARCHAR,
    list_id          VARCHAR,
    target           VARCHAR,
    status           VARCHAR NOT NULL,
    detail           VARCHAR,
    error            VARCHAR,
    hint             VARCHAR,
    warning          VARCHAR,
    query            VARCHAR,
    query_sha256     VARCHAR,
    n_rows           BIGINT,
    n_blank          BIGINT,
    n_duplicate      BIGINT,
    n_invalid        BIGINT,
    n_emails         BIGINT,
    n_resolved       BIGINT,
    n_unmatched      BIGINT,
    n_current_before BIGINT,
    n_to_add         BIGINT,
    n_to_remove      BIGINT,
    n_to_update      BIGINT,
    n_added          BIGINT,
    n_removed        BIGINT,
    n_updated        BIGINT,
    n_unchanged      BIGINT,
    n_missing        BIGINT,
    n_final          BIGINT,
    n_drift          BIGINT,
    verified         BOOLEAN,
    dry_run          BOOLEAN,
    makes_list       VARCHAR,
    made_list        BOOLEAN,
    undoes           VARCHAR,
    plan_hash        VARCHAR,
    plan_run_id      VARCHAR,
    guards           VARCHAR,
    approved_run     VARCHAR,
    held_runner      BOOLEAN,
    schedule         VARCHAR,
    row_sha256       VARCHAR,
    row_json         VARCHAR,
    api_calls        BIGINT,
    api_retries      BIGINT,
    seconds          DOUBLE,
    next_run_at      TIMESTAMPTZ,
    finished_at      TIMESTAMPTZ,
    runner           VARCHAR,
    version          VARCHAR,
    epoch            BIGINT
);

COMMENT ON TABLE rollcall.runs IS 'The ledger: one row a sync a run, from its start (RUNNING) to its end.';
COMMENT ON COLUMN rollcall.runs.run_id IS 'UUID (version 7) of this run of this sync.';
COMMENT ON COLUMN rollcall.runs.run_at IS 'When the run of this sync began.';
COMMENT ON COLUMN rollcall.runs.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.runs.kind IS 'What kind of sync it was: list, object or association. NULL: the row names none of them.';
COMMENT ON COLUMN rollcall.runs.list_id IS 'The HubSpot list. NULL when it was not found, or is not made yet.';
COMMENT ON COLUMN rollcall.runs.target IS 'The object type of the records, or both of the associations, that it was about; see changes.target. NULL: it was about a list, or came to no plan.';
COMMENT ON COLUMN rollcall.runs.status IS 'RUNNING, SUCCEEDED, DRY_RUN, BLOCKED (by a guard), PARTIAL (HubSpot did not take some changes), FAILED, INTERRUPTED.';
COMMENT ON COLUMN rollcall.runs.detail IS 'What happened, in a sentence.';
COMMENT ON COLUMN rollcall.runs.error IS 'What went wrong.';
COMMENT ON COLUMN rollcall.runs.hint IS 'What to do next.';
COMMENT ON COLUMN rollcall.runs.warning IS 'What should be looked at though the run succeeded, such as a query that returns far fewer rows than last time.';
COMMENT ON COLUMN rollcall.runs.query IS 'The query as it was run.';
COMMENT ON COLUMN rollcall.runs.query_sha256 IS 'SHA-256 of the query.';
COMMENT ON COLUMN rollcall.runs.n_rows IS 'Rows that the query returned.';
COMMENT ON COLUMN rollcall.runs.n_blank IS 'Rows whose key was NULL or blank; dropped.';
COMMENT ON COLUMN rollcall.runs.n_duplicate IS 'Rows whose key had been seen already; dropped.';
COMMENT ON COLUMN rollcall.runs.n_invalid IS 'Keys that cannot be what they should be, such as a malformed address; see rejects.';
COMMENT ON COLUMN rollcall.runs.n_emails IS 'Desired keys (emails or other), one each. n_emails = n_resolved + n_unmatched.';
COMMENT ON COLUMN rollcall.runs.n_resolved IS 'Desired keys that HubSpot has a record for.';
COMMENT ON COLUMN rollcall.runs.n_unmatched IS 'Desired keys that HubSpot has no record for; see rejects.';
COMMENT ON COLUMN rollcall.runs.n_current_before IS 'Members of the list before the run; of an association the links that the sync keeps in step.';
COMMENT ON COLUMN rollcall.runs.n_to_add IS 'Additions that the plan holds: members to add, records to create, associations to link.';
COMMENT ON COLUMN rollcall.runs.n_to_remove IS 'Removals that the plan holds: members to remove, records to archive or clear, associations to unlink.';
COMMENT ON COLUMN rollcall.runs.n_to_update IS 'Records whose properties the plan changes. NULL: the sync is not of the kind object, or the run came to no plan.';
COMMENT ON COLUMN rollcall.runs.n_added IS 'Additions that HubSpot confirmed: members added, records created, associations linked.';
COMMENT ON COLUMN rollcall.runs.n_removed IS 'Removals that HubSpot confirmed: members removed, records archived or cleared, associations unlinked.';
COMMENT ON COLUMN rollcall.runs.n_updated IS 'Records whose properties HubSpot confirmed to have updated. NULL: the sync is not of the kind object, or the run came to no plan.';
COMMENT ON COLUMN rollcall.runs.n_unchanged IS 'Records that the query returned and that needed no change. NULL: the sync is not of the kind object, or the run came to no plan.';
COMMENT ON COLUMN rollcall.runs.n_missing IS 'Record IDs that HubSpot reported as missing.';
COMMENT ON COLUMN rollcall.runs.n_final IS 'Members after the run, of an object the records that the query returned and HubSpot has, of an association the links: by what HubSpot answered for every change. NULL while an answer is not known. Where verified: counted on the list itself.';
COMMENT ON COLUMN rollcall.runs.n_drift IS 'Records that were on the list, or off it, against what Rollcall had left there; of an object values that others have changed; see drift. NULL: the list was not read whole, or no record was read, so nothing was compared.';
COMMENT ON COLUMN rollcall.runs.verified IS 'Was the list read back after the run (--verify)?';
COMMENT ON COLUMN rollcall.runs.dry_run IS 'Was it a dry run?';
COMMENT ON COLUMN rollcall.runs.makes_list IS 'Name of the list that the plan begins with making. NULL: the list is there.';
COMMENT ON COLUMN rollcall.runs.made_list IS 'Did this run make the list? list_id is its ID.';
COMMENT ON COLUMN rollcall.runs.undoes IS 'The run that this one undid, or was to undo. NULL: it made the list equal to its query.';
COMMENT ON COLUMN rollcall.runs.plan_hash IS 'SHA-256 over sync, list and changes: two plans with one hash are the same plan.';
COMMENT ON COLUMN rollcall.runs.plan_run_id IS 'The earlier run whose rows in changes are this run''s plan too, because the plan has not changed since. NULL: the plan is under run_id.';
COMMENT ON COLUMN rollcall.runs.guards IS 'The guards that the plan broke, separated by commas. NULL: none, or the run came to no plan.';
COMMENT ON COLUMN rollcall.runs.approved_run IS 'The blocked run whose approval let this run''s plan pass.';
COMMENT ON COLUMN rollcall.runs.held_runner IS 'Did the query continue when its time was over, so that the runner ended itself? It is not tried again until the query changes or somebody names the sync.';
COMMENT ON COLUMN rollcall.runs.schedule IS 'The row''s schedule when the run began.';
COMMENT ON COLUMN rollcall.runs.row_sha256 IS 'SHA-256 over the row when the run began: a FAILED sync whose row has changed since is due at once.';
COMMENT ON COLUMN rollcall.runs.row_json IS 'The row of syncs when the run began, as JSON without the query and what is NULL. NULL: row and query are those of the sync''s last run that has it; see row_history.';
COMMENT ON COLUMN rollcall.runs.api_calls IS 'HubSpot calls made for this sync, retries included.';
COMMENT ON COLUMN rollcall.runs.api_retries IS 'Those of them that were retries.';
COMMENT ON COLUMN rollcall.runs.seconds IS 'Seconds spent on this sync alone. What is done for all syncs of a run together (looking up keys and lists) is not in it.';
COMMENT ON COLUMN rollcall.runs.next_run_at IS 'When the sync is due next, as far as its run tells: the next date of its schedule, or after FAILED the end of a pause if that comes first. NULL: at the next rollcall run.';
COMMENT ON COLUMN rollcall.runs.finished_at IS 'When the run of this sync ended. NULL while RUNNING.';
COMMENT ON COLUMN rollcall.runs.runner IS 'Host and process that ran it.';
COMMENT ON COLUMN rollcall.runs.version IS 'Version of Rollcall that ran it.';
COMMENT ON COLUMN rollcall.runs.epoch IS 'The lease''s epoch under which it ran. Of two runs the later one has the higher epoch, or in the same epoch the higher run_id.';

CREATE TABLE rollcall.changes (
    run_id           VARCHAR NOT NULL,
    n                BIGINT NOT NULL,
    sync             VARCHAR NOT NULL,
    list_id          VARCHAR,
    target           VARCHAR,
    action           VARCHAR NOT NULL,
    record_id        BIGINT,
    key              VARCHAR,
    values           JSON,
    to_record_id     BIGINT,
    association_type VARCHAR,
    cause            VARCHAR,
    state            VARCHAR NOT NULL,
    plan             BIGINT NOT NULL DEFAULT 1,
    batch            BIGINT,
    reason           VARCHAR,
    changed_at       TIMESTAMPTZ
);

COMMENT ON TABLE rollcall.changes IS 'The ledger: one row a change a run. run_id and n identify it.';
COMMENT ON COLUMN rollcall.changes.run_id IS 'The run, see runs.';
COMMENT ON COLUMN rollcall.changes.n IS 'Number of the change in its run, from 1, in the plan''s order. The numbers of a second plan come after those of the first.';
COMMENT ON COLUMN rollcall.changes.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.changes.list_id IS 'The HubSpot list. NULL: it is not made yet, or the change is to no list.';
COMMENT ON COLUMN rollcall.changes.target IS 'What the change is about. A membership: the ID of the list. A record: its object type. An association: both object types, such as contacts->companies. NULL: the list is not made yet.';
COMMENT ON COLUMN rollcall.changes.action IS 'Of a list: add or remove. Of records: create, update, clear or archive. Of associations: link or unlink.';
COMMENT ON COLUMN rollcall.changes.record_id IS 'HubSpot record ID; of an association that of the record it leads from. NULL: the record is not created yet.';
COMMENT ON COLUMN rollcall.changes.to_record_id IS 'Of an association: HubSpot record ID of the record it leads to. NULL: the change is to no association.';
COMMENT ON COLUMN rollcall.changes.association_type IS 'Of an association: default for the link without a label, else category and type ID, such as USER_DEFINED 3. NULL: the change is to no association.';
COMMENT ON COLUMN rollcall.changes.key IS 'The key it was resolved from; of an association the keys of both records, from → to. For a removal of somebody the query never named: the key that is known of the record. NULL: none.';
COMMENT ON COLUMN rollcall.changes.values IS 'Of a record: {property: [value before, value after]}; spelled out in change_values. Of an association with a label: {"label": [label before, label after]}. NULL: the change carries no values, as those of lists and of links without a label.';
COMMENT ON COLUMN rollcall.changes.cause IS 'Of an add: entered (newly desired), restored (was taken out in HubSpot). Of a removal: left (no longer desired), foreign (was not put there by Rollcall). Of either: undone (the opposite of what an earlier run did, see runs.undoes), undone_foreign (the same for a member that Rollcall had not put there). Of a record: entered (the sync writes it for the first time), changed (the query returns other values), restored (HubSpot has other values than the sync has left or found).';
COMMENT ON COLUMN rollcall.changes.state IS 'planned (not sent), sent (no answer yet), done, already (was so already), missing (no such record), asked_again (no such record any more; its key was looked up again, and the result is a change of the run''s second plan, or a reject), failed (refused, see reason), unknown (sent, answer lost).';
COMMENT ON COLUMN rollcall.changes.plan IS '1: the plan of the run, which its guards passed, and which runs.n_to_add, n_to_remove, n_to_update and plan_hash are of. 2: additions planned after HubSpot''s answers showed that cached records are gone, for the records that their keys have now.';
COMMENT ON COLUMN rollcall.changes.batch IS 'Number of the call that carried it, from 1.';
COMMENT ON COLUMN rollcall.changes.reason IS 'Why it failed, or what else is known of its outcome. For people: nothing depends on its words.';
COMMENT ON COLUMN rollcall.changes.changed_at IS 'When the state was last set.';

CREATE TABLE rollcall.drift (
    run_id           VARCHAR NOT NULL,
    sync             VARCHAR NOT NULL,
    list_id          VARCHAR,
    record_id        BIGINT NOT NULL,
    key              VARCHAR,
    kind             VARCHAR NOT NULL,
    cause            VARCHAR NOT NULL,
    found_at         TIMESTAMPTZ NOT NULL,
    target           VARCHAR,
    to_record_id     BIGINT,
    association_type VARCHAR,
    property         VARCHAR,
    left_value       VARCHAR,
    found_value      VARCHAR
);

COMMENT ON TABLE rollcall.drift IS 'The ledger: one row a record that was on a list, or off it, against what Rollcall had left there; and one row a property of a record that others have changed since Rollcall last read or wrote it; and one row an association that others have linked or unlinked.';
COMMENT ON COLUMN rollcall.drift.run_id IS 'The run that found it, see runs.';
COMMENT ON COLUMN rollcall.drift.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.drift.list_id IS 'The HubSpot list. NULL: a property of a record has changed, or an association.';
COMMENT ON COLUMN rollcall.drift.record_id IS 'HubSpot record ID; of an association that of the record it leads from.';
COMMENT ON COLUMN rollcall.drift.key IS 'The key it was resolved from. NULL where Rollcall knows none.';
COMMENT ON COLUMN rollcall.drift.kind IS 'appeared (on the list, though Rollcall had not left it there), disappeared (the other way round) or changed (a property of a record).';
COMMENT ON COLUMN rollcall.drift.cause IS 'Between runs: added_by_hand, removed_by_hand (by somebody or something other than Rollcall; a deleted or merged record too). By --verify: not_applied (HubSpot confirmed the change, the list does not show it), lost (went while the run wrote), added_by_hand. Of a property: changed_by_hand.';
COMMENT ON COLUMN rollcall.drift.found_at IS 'When it was found.';
COMMENT ON COLUMN rollcall.drift.target IS 'The object type of a record whose property has changed, or both object types of an association, such as contacts->companies. NULL: it is of a list.';
COMMENT ON COLUMN rollcall.drift.to_record_id IS 'Of an association: HubSpot record ID of the record it leads to.';
COMMENT ON COLUMN rollcall.drift.association_type IS 'Of an association: default for the link without a label, else category and type ID, such as USER_DEFINED 3.';
COMMENT ON COLUMN rollcall.drift.property IS 'Internal name of the property that has changed. NULL: it is of a list or an association.';
COMMENT ON COLUMN rollcall.drift.left_value IS 'The value that Rollcall had read or written last. NULL: none.';
COMMENT ON COLUMN rollcall.drift.found_value IS 'The value that was found. NULL: none.';

CREATE TABLE rollcall.rejects (
    sync        VARCHAR NOT NULL,
    key         VARCHAR,
    reason      VARCHAR NOT NULL,
    detail      VARCHAR,
    since_run   VARCHAR NOT NULL,
    until_run   VARCHAR,
    n_tries     BIGINT,
    tried_at    TIMESTAMPTZ,
    retry_at    TIMESTAMPTZ,
    values_hash VARCHAR
);

COMMENT ON TABLE rollcall.rejects IS 'The ledger: keys that could not be used, one row for as long as it was so. Those of one run: since_run is that run or an earlier one, and until_run NULL or a later one; see runs.epoch.';
COMMENT ON COLUMN rollcall.rejects.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.rejects.key IS 'The key as the query returned it.';
COMMENT ON COLUMN rollcall.rejects.reason IS 'invalid_email, invalid_record_id, invalid_key, too_long (the key is the beginning of a text that is too long for one), not_found (HubSpot has no such record). Of records also: duplicate_key (the query returns the key with unequal values), same_record (so it does with two keys of one record), not_taken (HubSpot keeps another value than the one that was sent), owned_by (the value of a property belongs to another sync, which wrote it last and still asks for another one), refused (HubSpot refused the change), and why HubSpot would refuse a value: invalid_number, invalid_boolean, invalid_date, invalid_datetime, invalid_option, invalid_owner, invalid_text, invalid_type, several_values. Of associations also: unknown_label (HubSpot has no such label between the two object types), several_primary (the query gives a record more than one primary one), same_record (it links a record with itself), refused (HubSpot refused to change the pair).';
COMMENT ON COLUMN rollcall.rejects.detail IS 'The rule that it broke, in words.';
COMMENT ON COLUMN rollcall.rejects.since_run IS 'The first run, see runs, that could not use it.';
COMMENT ON COLUMN rollcall.rejects.until_run IS 'The first run thereafter that came to a plan without it, or in which HubSpot took it. NULL: it stands.';
COMMENT ON COLUMN rollcall.rejects.n_tries IS 'How often HubSpot was asked with the values of values_hash. NULL: HubSpot need not be asked again for the reason to go, only the query''s result need change. Of records: refused, not_found, and why HubSpot would refuse a value; of associations: refused.';
COMMENT ON COLUMN rollcall.rejects.tried_at IS 'When it was asked last. NULL as n_tries.';
COMMENT ON COLUMN rollcall.rejects.retry_at IS 'The first run from then on asks again: 1 hour after the first try, twice the time after each further one, a day at most. Changed values, and rollcall run --retry-rejects, are tried at once. NULL as n_tries.';
COMMENT ON COLUMN rollcall.rejects.values_hash IS 'Hash of the values, or of the changes of a pair, that were tried. NULL as n_tries.';

CREATE TABLE rollcall.calls (
    run_id         VARCHAR,
    sync           VARCHAR,
    called_at      TIMESTAMPTZ NOT NULL,
    operation      VARCHAR,
    method         VARCHAR,
    path           VARCHAR,
    status         INTEGER,
    attempt        INTEGER,
    duration_ms    DOUBLE,
    items          BIGINT,
    retry_after_ms DOUBLE,
    correlation_id VARCHAR,
    error          VARCHAR
);

COMMENT ON TABLE rollcall.calls IS 'HubSpot API calls, one row an attempt, kept for a while (setting calls_days). Those for an OAuth token are here and not in runs.api_calls, as HubSpot does not count them. Holds no address and no token.';
COMMENT ON COLUMN rollcall.calls.run_id IS 'The run, see runs. NULL for calls made for all syncs.';
COMMENT ON COLUMN rollcall.calls.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.calls.called_at IS 'When the attempt began.';
COMMENT ON COLUMN rollcall.calls.operation IS 'What it was for, such as memberships.add_and_remove.';
COMMENT ON COLUMN rollcall.calls.method IS 'HTTP method.';
COMMENT ON COLUMN rollcall.calls.path IS 'Path, without its query.';
COMMENT ON COLUMN rollcall.calls.status IS 'HTTP status; 0 when there was no answer.';
COMMENT ON COLUMN rollcall.calls.attempt IS '1 for the first, 2 and up for retries.';
COMMENT ON COLUMN rollcall.calls.duration_ms IS 'Milliseconds until the answer was read.';
COMMENT ON COLUMN rollcall.calls.items IS 'How many keys or record IDs it carried.';
COMMENT ON COLUMN rollcall.calls.retry_after_ms IS 'Milliseconds that HubSpot asked to wait.';
COMMENT ON COLUMN rollcall.calls.correlation_id IS 'HubSpot''s own ID of the call: what its support asks for.';
COMMENT ON COLUMN rollcall.calls.error IS 'What went wrong.';

CREATE TABLE rollcall.lease (
    name         VARCHAR NOT NULL,
    owner        VARCHAR,
    epoch        BIGINT NOT NULL,
    acquired_at  TIMESTAMPTZ,
    heartbeat_at TIMESTAMPTZ,
    expires_at   TIMESTAMPTZ,
    writes       BIGINT
);

COMMENT ON TABLE rollcall.lease IS 'One runner at a time: who holds the lease, until when.';
COMMENT ON COLUMN rollcall.lease.name IS 'Always runner.';
COMMENT ON COLUMN rollcall.lease.owner IS 'Host, process and invocation that holds it. NULL: free.';
COMMENT ON COLUMN rollcall.lease.epoch IS 'Grows with every holder; every write to the ledger proves that it is still the same.';
COMMENT ON COLUMN rollcall.lease.acquired_at IS 'Since when it is held.';
COMMENT ON COLUMN rollcall.lease.heartbeat_at IS 'When its holder was last heard of.';
COMMENT ON COLUMN rollcall.lease.expires_at IS 'When anyone may take it.';
COMMENT ON COLUMN rollcall.lease.writes IS 'How many transactions its holder has written to the ledger; negative before the first. It tells whether one was carried out whose answer was lost.';

INSERT INTO rollcall.lease (name, epoch) VALUES ('runner', 0);

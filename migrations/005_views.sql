-- Views of what people ask most. As in 004, names of tables stand without their schema.

CREATE VIEW rollcall.status AS
WITH latest AS (
    -- A dry run says nothing about the state of the list, so it hides no other; it is all there is of a row that only tries.
    -- One that is RUNNING while its runner has no lease any more was killed, or its machine was; the next run closes it in runs.
    SELECT r.* REPLACE (
        CASE WHEN r.status = 'RUNNING' AND l.epoch IS NULL THEN 'INTERRUPTED' ELSE r.status END AS status,
        CASE WHEN r.status = 'RUNNING' AND l.epoch IS NULL THEN 'nobody runs it any more: ' || coalesce(r.runner, 'its runner') || ' stopped without a word' ELSE r.detail END AS detail,
        CASE WHEN r.status = 'RUNNING' AND l.epoch IS NULL THEN 'rollcall run ' || r.sync || ' continues from what the list shows' ELSE r.hint END AS hint
    )
    FROM runs r
    JOIN syncs s ON s.name = r.sync
    LEFT JOIN lease l ON l.name = 'runner' AND l.owner IS NOT NULL AND l.expires_at > now() AND l.epoch = r.epoch
    QUALIFY row_number() OVER (
        PARTITION BY r.sync
        ORDER BY coalesce(r.dry_run, false) AND NOT coalesce(s.dry_run, false), coalesce(r.epoch, 0) DESC, r.run_id DESC
    ) = 1
),
succeeded AS (
    SELECT sync, arg_max(run_at, (coalesce(epoch, 0), run_id)) AS succeeded_at FROM runs
    WHERE status = 'SUCCEEDED' GROUP BY sync
),
kinds AS (
    SELECT s.name AS sync, coalesce(l.kind, lower(trim(s.kind)), 'list') AS kind FROM syncs s
    LEFT JOIN latest l ON l.sync = s.name
),
pending AS (
    SELECT DISTINCT sync, undoes FROM pending_approvals
),
void AS (
    -- What was approved last, and lets nothing pass.
    SELECT
        sync,
        approved_at,
        void_reason IS NULL AS expired,
        'the approval of run ' || run_id || ' does not count: ' || coalesce(void_reason, strftime(make_timestamp(epoch_us(expires_at)), 'expired at %Y-%m-%d %H:%M:%S UTC')) AS reason
    FROM approval_status
    WHERE used_at IS NULL AND (void_reason IS NOT NULL OR expires_at <= now())
    QUALIFY row_number() OVER (PARTITION BY sync ORDER BY approved_at DESC) = 1
)
SELECT
    s.name AS sync,
    CASE
        WHEN NOT coalesce(s.enabled, true) THEN 'DISABLED'
        WHEN l.run_id IS NULL THEN 'NEVER_RUN'
        ELSE l.status
    END AS state,
    l.run_at AS last_run_at,
    succeeded.succeeded_at AS last_success_at,
    coalesce(l.list_id, s.list_id) AS list_id,
    coalesce(n.list_name, s.list_name) AS list_name,
    k.kind,
    CASE WHEN k.kind <> 'list' THEN coalesce(lower(trim(s.object_type)), 'contacts') END AS object_type,
    CASE WHEN k.kind = 'association' THEN lower(trim(s.to_object_type)) END AS to_object_type,
    CASE WHEN k.kind = 'list' THEN l.n_final END AS members,
    CASE WHEN k.kind = 'object' THEN l.n_final END AS records,
    CASE WHEN k.kind = 'association' THEN l.n_final END AS links,
    l.n_added,
    l.n_updated,
    l.n_removed,
    l.n_unmatched,
    l.n_invalid,
    l.n_drift,
    coalesce(l.error, l.detail) AS detail,
    l.warning,
    -- NULL where only the next `rollcall run` or `rollcall status` knows it.
    CASE WHEN coalesce(s.enabled, true) AND NOT (l.status = 'BLOCKED' AND pending.sync IS NOT NULL) AND trim(l.schedule) IS NOT DISTINCT FROM trim(s.schedule) THEN l.next_run_at END AS next_run_at,
    CASE
        WHEN NOT coalesce(s.enabled, true) THEN 'see what it would do: rollcall plan ' || s.name || '; enabled = true lets it run'
        WHEN l.run_id IS NULL THEN 'rollcall plan ' || s.name
        WHEN l.status = 'BLOCKED' AND pending.sync IS NOT NULL THEN 'approved: rollcall ' || coalesce('undo ' || l.undoes, 'run ' || s.name) || ' applies it'
        WHEN l.status = 'BLOCKED' AND void.expired THEN void.reason || '; rollcall ' || coalesce('undo ' || l.undoes, 'run ' || s.name) || ' plans it anew'
        WHEN l.status = 'BLOCKED' THEN concat_ws('; ', void.reason, 'look at the plan, then rollcall approve ' || l.run_id)
        WHEN l.hint IS NULL AND void.reason IS NOT NULL THEN void.reason
        WHEN l.hint IS NULL AND l.n_drift > 0 THEN 'see who: rollcall sql -c "FROM rollcall.drift WHERE run_id = ''' || l.run_id || '''"'
        WHEN l.hint IS NULL AND l.warning IS NOT NULL THEN 'see what the query returns: rollcall sql --sync ' || s.name || ' -c "FROM desired"'
        ELSE l.hint
    END AS what_to_do,
    l.run_id
FROM syncs s
LEFT JOIN latest l ON l.sync = s.name
LEFT JOIN kinds k ON k.sync = s.name
LEFT JOIN (SELECT list_id, any_value(list_name) AS list_name FROM lists GROUP BY list_id) n ON n.list_id = coalesce(l.list_id, trim(s.list_id))
LEFT JOIN succeeded ON succeeded.sync = s.name
LEFT JOIN pending ON pending.sync = l.sync AND pending.undoes IS NOT DISTINCT FROM l.undoes
LEFT JOIN void ON void.sync = s.name AND void.approved_at > l.run_at;

COMMENT ON VIEW rollcall.status IS 'One row a sync: its last run (a dry run only where the row has no other), its state, and what to do next.';
COMMENT ON COLUMN rollcall.status.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.status.state IS 'DISABLED, NEVER_RUN, or the status of the last run; INTERRUPTED also where it is RUNNING in runs and its runner has no lease any more.';
COMMENT ON COLUMN rollcall.status.last_run_at IS 'When the last run began.';
COMMENT ON COLUMN rollcall.status.last_success_at IS 'When the last run that SUCCEEDED began.';
COMMENT ON COLUMN rollcall.status.list_id IS 'The HubSpot list of the last run, else of the row.';
COMMENT ON COLUMN rollcall.status.list_name IS 'The list''s name, as far as it is known.';
COMMENT ON COLUMN rollcall.status.kind IS 'What is kept in step: list, object or association; see syncs.kind.';
COMMENT ON COLUMN rollcall.status.object_type IS 'The type of the records, of an association of those that from_key names, as the row has it. NULL: a list.';
COMMENT ON COLUMN rollcall.status.to_object_type IS 'The type of the records that to_key names, as the row has it. NULL: no association.';
COMMENT ON COLUMN rollcall.status.members IS 'Members of the list after the last run. NULL: another kind, or not known.';
COMMENT ON COLUMN rollcall.status.records IS 'Records that the query returned and that HubSpot has after the last run. NULL: another kind, or not known.';
COMMENT ON COLUMN rollcall.status.links IS 'Links after the last run. NULL: another kind, or not known.';
COMMENT ON COLUMN rollcall.status.n_added IS 'Additions that HubSpot confirmed in the last run.';
COMMENT ON COLUMN rollcall.status.n_updated IS 'Records whose properties HubSpot confirmed to have updated in the last run. NULL: another kind than object.';
COMMENT ON COLUMN rollcall.status.n_removed IS 'Removals that HubSpot confirmed in the last run.';
COMMENT ON COLUMN rollcall.status.n_unmatched IS 'Desired keys that HubSpot has no record for; see unmatched.';
COMMENT ON COLUMN rollcall.status.n_invalid IS 'Keys that cannot be what they should be; see unmatched.';
COMMENT ON COLUMN rollcall.status.n_drift IS 'Members, values or links that others have changed since Rollcall left them; see drift. NULL: nothing was compared.';
COMMENT ON COLUMN rollcall.status.detail IS 'What the last run did, or its error.';
COMMENT ON COLUMN rollcall.status.warning IS 'What should be looked at though the last run succeeded.';
COMMENT ON COLUMN rollcall.status.next_run_at IS 'When rollcall run takes the sync next. NULL: at the next rollcall run (no schedule; interrupted; schedule changed since), or it is disabled. For a row that never ran: first date of its schedule after created_at, which rollcall status works out.';
COMMENT ON COLUMN rollcall.status.what_to_do IS 'What to do next. NULL: nothing.';
COMMENT ON COLUMN rollcall.status.run_id IS 'The last run, see runs.';

CREATE VIEW rollcall.history AS
SELECT
    run_at,
    sync,
    status,
    list_id,
    l.list_name,
    coalesce(kind, 'list') AS kind,
    n_emails,
    n_current_before,
    n_to_add,
    n_to_remove,
    n_added,
    n_updated,
    n_unchanged,
    n_removed,
    n_missing,
    n_unmatched,
    n_invalid,
    n_final,
    n_drift,
    api_calls,
    api_retries,
    seconds,
    detail,
    error,
    hint,
    warning,
    coalesce(made_list, false) AS made_list,
    run_id
FROM runs
LEFT JOIN (SELECT list_id, any_value(list_name) AS list_name FROM lists GROUP BY list_id) l USING (list_id);

COMMENT ON VIEW rollcall.history IS 'Every run of every sync, one row each.';
COMMENT ON COLUMN rollcall.history.run_at IS 'When the run of this sync began.';
COMMENT ON COLUMN rollcall.history.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.history.status IS 'RUNNING, SUCCEEDED, DRY_RUN, BLOCKED, PARTIAL, FAILED or INTERRUPTED; see runs.status.';
COMMENT ON COLUMN rollcall.history.list_id IS 'The HubSpot list. NULL when it was not found, or is not made yet.';
COMMENT ON COLUMN rollcall.history.list_name IS 'The list''s name when Rollcall last saw it. NULL: it never did.';
COMMENT ON COLUMN rollcall.history.kind IS 'What it keeps in step: list, object or association; see syncs.kind.';
COMMENT ON COLUMN rollcall.history.n_emails IS 'Desired keys (emails or other), one each.';
COMMENT ON COLUMN rollcall.history.n_current_before IS 'Members of the list before the run.';
COMMENT ON COLUMN rollcall.history.n_to_add IS 'Additions that the plan holds.';
COMMENT ON COLUMN rollcall.history.n_to_remove IS 'Removals that the plan holds.';
COMMENT ON COLUMN rollcall.history.n_added IS 'Additions that HubSpot confirmed.';
COMMENT ON COLUMN rollcall.history.n_updated IS 'Records whose properties HubSpot confirmed to have updated. NULL: another kind than object.';
COMMENT ON COLUMN rollcall.history.n_unchanged IS 'Records that needed no change. NULL: another kind than object.';
COMMENT ON COLUMN rollcall.history.n_removed IS 'Removals that HubSpot confirmed.';
COMMENT ON COLUMN rollcall.history.n_missing IS 'Record IDs that HubSpot reported as missing.';
COMMENT ON COLUMN rollcall.history.n_unmatched IS 'Desired keys that HubSpot has no record for.';
COMMENT ON COLUMN rollcall.history.n_invalid IS 'Keys that cannot be what they should be, such as a malformed address.';
COMMENT ON COLUMN rollcall.history.n_final IS 'Members, records or links after the run, by its kind; see runs.n_final.';
COMMENT ON COLUMN rollcall.history.n_drift IS 'Records that were on the list, or off it, against what Rollcall had left there. NULL: nothing was compared.';
COMMENT ON COLUMN rollcall.history.api_calls IS 'HubSpot calls made for this sync, retries included.';
COMMENT ON COLUMN rollcall.history.api_retries IS 'Those of them that were retries.';
COMMENT ON COLUMN rollcall.history.seconds IS 'Seconds spent on this sync alone; see runs.seconds.';
COMMENT ON COLUMN rollcall.history.detail IS 'What happened, in a sentence.';
COMMENT ON COLUMN rollcall.history.error IS 'What went wrong.';
COMMENT ON COLUMN rollcall.history.hint IS 'What to do next.';
COMMENT ON COLUMN rollcall.history.warning IS 'What should be looked at though the run succeeded.';
COMMENT ON COLUMN rollcall.history.made_list IS 'Did this run make the list?';
COMMENT ON COLUMN rollcall.history.run_id IS 'The run, see runs.';

CREATE VIEW rollcall.change_values AS
SELECT run_id, sync, n, record_id, key, property, pair ->> 0 AS before, pair ->> 1 AS after
FROM (
    SELECT run_id, sync, n, record_id, key, property, values -> property AS pair
    FROM (SELECT run_id, sync, n, record_id, key, values, unnest(json_keys(values)) AS property FROM changes)
);

COMMENT ON VIEW rollcall.change_values IS 'What the changes carry, one row a property of a change. Changes of associations carry their label, those of lists no values.';
COMMENT ON COLUMN rollcall.change_values.run_id IS 'The run, see runs.';
COMMENT ON COLUMN rollcall.change_values.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.change_values.n IS 'Number of the change in its run, see changes.';
COMMENT ON COLUMN rollcall.change_values.record_id IS 'HubSpot record ID. NULL: the record is not created yet.';
COMMENT ON COLUMN rollcall.change_values.key IS 'The key of the record.';
COMMENT ON COLUMN rollcall.change_values.property IS 'Internal name of the HubSpot property.';
COMMENT ON COLUMN rollcall.change_values.before IS 'Its value before the change. NULL: it had none.';
COMMENT ON COLUMN rollcall.change_values.after IS 'Its value after the change. NULL: none.';

CREATE VIEW rollcall.unmatched AS
SELECT j.sync, j.key, j.reason, j.detail, r.run_at, r.run_id, j.since_run
FROM rejects j
LEFT JOIN (
    -- Undoing a run asks for no keys.
    SELECT sync, run_id, run_at FROM runs
    WHERE n_emails IS NOT NULL AND undoes IS NULL
    QUALIFY row_number() OVER (PARTITION BY sync ORDER BY coalesce(epoch, 0) DESC, run_id DESC) = 1
) r ON r.sync = j.sync
WHERE j.until_run IS NULL;

COMMENT ON VIEW rollcall.unmatched IS 'Keys that the last run of each sync could not use, why, and since which run.';
COMMENT ON COLUMN rollcall.unmatched.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.unmatched.key IS 'The key as the query returned it.';
COMMENT ON COLUMN rollcall.unmatched.reason IS 'As in rejects: invalid_email, invalid_record_id, invalid_key, too_long, not_found (HubSpot has no such record).';
COMMENT ON COLUMN rollcall.unmatched.detail IS 'The rule that it broke, in words.';
COMMENT ON COLUMN rollcall.unmatched.run_at IS 'When the last run of the sync that asked for keys began.';
COMMENT ON COLUMN rollcall.unmatched.run_id IS 'That run, see runs.';
COMMENT ON COLUMN rollcall.unmatched.since_run IS 'The first run, see runs, that could not use the key.';

CREATE VIEW rollcall.member_keys AS
WITH known AS (
    SELECT list_id, record_id, key FROM members WHERE key IS NOT NULL
    UNION
    SELECT m.list_id, m.record_id, i.key
    FROM members m
    JOIN lists l ON l.list_id = m.list_id
    JOIN identities i ON i.record_id = m.record_id AND i.object_type_id = l.object_type_id
)
SELECT k.key, m.list_id, m.record_id, m.sync, m.since, m.run_id, m.is_foreign
FROM known k
JOIN members m ON m.list_id = k.list_id AND m.record_id = k.record_id;

COMMENT ON VIEW rollcall.member_keys IS 'Who was on each list when Rollcall last left it, one row for every key that is known of a member: the one in members, and those cached in identities.';
COMMENT ON COLUMN rollcall.member_keys.key IS 'A key of the member, such as either of a person''s two addresses.';
COMMENT ON COLUMN rollcall.member_keys.list_id IS 'The HubSpot list.';
COMMENT ON COLUMN rollcall.member_keys.record_id IS 'HubSpot record ID.';
COMMENT ON COLUMN rollcall.member_keys.sync IS 'The sync that left it there.';
COMMENT ON COLUMN rollcall.member_keys.since IS 'When that was.';
COMMENT ON COLUMN rollcall.member_keys.run_id IS 'The run that left it there first.';
COMMENT ON COLUMN rollcall.member_keys.is_foreign IS 'Somebody else put the member there.';

CREATE VIEW rollcall.orphaned_lists AS
WITH filled AS (
    SELECT list_id, count(*) AS members, arg_max(sync, since) AS sync
    FROM members
    WHERE NOT coalesce(is_foreign, false)
    GROUP BY list_id
)
SELECT filled.list_id, lists.list_name, filled.members, filled.sync
FROM filled
LEFT JOIN (SELECT list_id, any_value(list_name) AS list_name FROM lists GROUP BY list_id) lists ON lists.list_id = filled.list_id
WHERE NOT EXISTS (
    SELECT 1 FROM syncs s
    WHERE trim(s.list_id) = filled.list_id
       OR lower(trim(s.list_name)) = lower(lists.list_name)
       -- The name is not known while a run is under way, or after one that failed: its row still asks for it.
       OR lists.list_name IS NULL AND s.list_name IS NOT NULL AND s.name = filled.sync
);

COMMENT ON VIEW rollcall.orphaned_lists IS 'Lists that Rollcall filled and that no row asks for any more: they stay as they are in HubSpot.';
COMMENT ON COLUMN rollcall.orphaned_lists.list_id IS 'The HubSpot list.';
COMMENT ON COLUMN rollcall.orphaned_lists.list_name IS 'Its name when Rollcall last saw it.';
COMMENT ON COLUMN rollcall.orphaned_lists.members IS 'How many members Rollcall has left there.';
COMMENT ON COLUMN rollcall.orphaned_lists.sync IS 'The sync that filled it last.';

CREATE VIEW rollcall.row_history AS
WITH seen AS (
    SELECT
        sync,
        run_at,
        run_id,
        coalesce(epoch, 0) AS epoch,
        row_json,
        query,
        query_sha256,
        lag(row_json) OVER w AS row_before,
        lag(query) OVER w AS query_before,
        lag(query_sha256) OVER w AS sha256_before
    FROM runs
    WHERE row_json IS NOT NULL
    WINDOW w AS (PARTITION BY sync ORDER BY coalesce(epoch, 0), run_id)
)
SELECT
    sync,
    CASE WHEN row_before IS NULL THEN 'added' ELSE 'changed' END AS event,
    run_at AS seen_at,
    CASE WHEN row_before IS NOT NULL THEN list_concat(
        list_filter(
            list_sort(list_distinct(list_concat(json_keys(row_before), json_keys(row_json)))),
            lambda k: json_extract_string(row_before, '$.' || k) IS DISTINCT FROM json_extract_string(row_json, '$.' || k)
        ),
        CASE WHEN sha256_before IS DISTINCT FROM query_sha256 THEN ['query'] ELSE [] END
    ) END AS changed,
    row_before,
    row_json AS row_after,
    query_before,
    query AS query_after,
    run_id
FROM seen
UNION ALL
SELECT sync, 'deleted', NULL, NULL, arg_max(row_json, (epoch, run_id)), NULL, arg_max(query, (epoch, run_id)), NULL, NULL
FROM seen
WHERE sync NOT IN (SELECT name FROM syncs WHERE name IS NOT NULL)
GROUP BY sync;

COMMENT ON VIEW rollcall.row_history IS 'How each row of syncs changed, as the runs found it: one row for the first run that found it, and one for each that found it changed.';
COMMENT ON COLUMN rollcall.row_history.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.row_history.event IS 'added (the first run found it), changed, or deleted (runs had it, syncs has no row of that name any more).';
COMMENT ON COLUMN rollcall.row_history.seen_at IS 'When the run began that found it so: the change is older. NULL: deleted since the last run.';
COMMENT ON COLUMN rollcall.row_history.changed IS 'Names of the columns that differ. NULL: added or deleted.';
COMMENT ON COLUMN rollcall.row_history.row_before IS 'The row before, as JSON without the query and what is NULL. NULL: added.';
COMMENT ON COLUMN rollcall.row_history.row_after IS 'The row from then on, as JSON without the query and what is NULL. NULL: deleted.';
COMMENT ON COLUMN rollcall.row_history.query_before IS 'The query before. NULL: added.';
COMMENT ON COLUMN rollcall.row_history.query_after IS 'The query from then on. NULL: deleted.';
COMMENT ON COLUMN rollcall.row_history.run_id IS 'The run that found it, see runs. NULL: deleted.';

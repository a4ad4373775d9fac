-- What Rollcall has cached of HubSpot: who is on the lists, what their metadata said, and which record a key belongs to.

CREATE TABLE rollcall.members (
    list_id    VARCHAR NOT NULL,
    record_id  BIGINT NOT NULL,
    key        VARCHAR,
    sync       VARCHAR,
    run_id     VARCHAR,
    since      TIMESTAMPTZ,
    is_foreign BOOLEAN
);

COMMENT ON TABLE rollcall.members IS 'Who was on each list when Rollcall last left it. Those that are not foreign are Rollcall''s own (applied): they tell a member that left from one that somebody else put there.';
COMMENT ON COLUMN rollcall.members.list_id IS 'The HubSpot list.';
COMMENT ON COLUMN rollcall.members.record_id IS 'HubSpot record ID.';
COMMENT ON COLUMN rollcall.members.key IS 'A key that the query names today. Of a foreign member: the key that the cache knew; NULL: none.';
COMMENT ON COLUMN rollcall.members.sync IS 'The sync that left it there.';
COMMENT ON COLUMN rollcall.members.run_id IS 'The run that left it there first.';
COMMENT ON COLUMN rollcall.members.since IS 'When that was.';
COMMENT ON COLUMN rollcall.members.is_foreign IS 'Somebody else put the member there.';

CREATE TABLE rollcall.lists (
    list_id                   VARCHAR NOT NULL,
    list_name                 VARCHAR,
    known_as                  VARCHAR,
    object_type_id            VARCHAR,
    n_members                 BIGINT,
    hs_list_size              VARCHAR,
    hs_last_record_added_at   VARCHAR,
    hs_last_record_removed_at VARCHAR,
    full_read_at              TIMESTAMPTZ,
    wrote_from                TIMESTAMPTZ,
    wrote_upto                TIMESTAMPTZ,
    added_from                TIMESTAMPTZ,
    added_upto                TIMESTAMPTZ,
    removed_from              TIMESTAMPTZ,
    removed_upto              TIMESTAMPTZ,
    n_added                   BIGINT,
    n_removed                 BIGINT,
    run_id                    VARCHAR
);

COMMENT ON TABLE rollcall.lists IS 'What HubSpot''s metadata said of each list when rollcall.members was right. While it says the same, no page of the list is read.';
COMMENT ON COLUMN rollcall.lists.list_id IS 'The HubSpot list.';
COMMENT ON COLUMN rollcall.lists.list_name IS 'Its name.';
COMMENT ON COLUMN rollcall.lists.known_as IS 'The list_name by which rows know the list, whatever HubSpot calls it by now. NULL: no row does.';
COMMENT ON COLUMN rollcall.lists.object_type_id IS 'HubSpot object type ID of its members.';
COMMENT ON COLUMN rollcall.lists.n_members IS 'Members when Rollcall last left it.';
COMMENT ON COLUMN rollcall.lists.hs_list_size IS 'HubSpot''s own count at that time, or before the write of wrote_from.';
COMMENT ON COLUMN rollcall.lists.hs_last_record_added_at IS 'HubSpot''s time of the last addition, likewise; epoch milliseconds.';
COMMENT ON COLUMN rollcall.lists.hs_last_record_removed_at IS 'HubSpot''s time of the last removal, likewise; epoch milliseconds.';
COMMENT ON COLUMN rollcall.lists.full_read_at IS 'When the list was last read page by page.';
COMMENT ON COLUMN rollcall.lists.wrote_from IS 'Rollcall''s own write began then, and HubSpot''s metadata has not been seen since. NULL: seen.';
COMMENT ON COLUMN rollcall.lists.wrote_upto IS 'And ended then.';
COMMENT ON COLUMN rollcall.lists.added_from IS 'The last call of that write that added began then.';
COMMENT ON COLUMN rollcall.lists.added_upto IS 'And ended then.';
COMMENT ON COLUMN rollcall.lists.removed_from IS 'The last call of that write that removed began then.';
COMMENT ON COLUMN rollcall.lists.removed_upto IS 'And ended then.';
COMMENT ON COLUMN rollcall.lists.n_added IS 'Additions of that write.';
COMMENT ON COLUMN rollcall.lists.n_removed IS 'Removals of that write.';
COMMENT ON COLUMN rollcall.lists.run_id IS 'The run that left it so.';

CREATE TABLE rollcall.identities (
    object_type_id VARCHAR NOT NULL,
    id_property    VARCHAR NOT NULL,
    key            VARCHAR NOT NULL,
    record_id      BIGINT,
    learnt_at      TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE rollcall.identities IS 'Cached answers: key to record ID, of any object type. A hint, never the truth.';
COMMENT ON COLUMN rollcall.identities.object_type_id IS 'HubSpot object type ID, 0-1 for contacts.';
COMMENT ON COLUMN rollcall.identities.id_property IS 'The property that the key is a value of.';
COMMENT ON COLUMN rollcall.identities.key IS 'The key, normalised.';
COMMENT ON COLUMN rollcall.identities.record_id IS 'HubSpot record ID. NULL: HubSpot had no such record.';
COMMENT ON COLUMN rollcall.identities.learnt_at IS 'When HubSpot said so.';

CREATE TABLE rollcall.records (
    sync           VARCHAR NOT NULL,
    object_type_id VARCHAR NOT NULL,
    id_property    VARCHAR NOT NULL,
    key            VARCHAR NOT NULL,
    record_id      BIGINT NOT NULL,
    values_hash    VARCHAR,
    withheld       VARCHAR,
    found_at       TIMESTAMPTZ,
    created_by     VARCHAR,
    left_by        VARCHAR
);

COMMENT ON TABLE rollcall.records IS 'The records that each sync of kind object keeps in step, as it last left or found them. One row a sync a key.';
COMMENT ON COLUMN rollcall.records.sync IS 'Name of the sync.';
COMMENT ON COLUMN rollcall.records.object_type_id IS 'HubSpot object type ID, 0-1 for contacts.';
COMMENT ON COLUMN rollcall.records.id_property IS 'The property that the key is a value of: hs_object_id of a record that has lost its key to another record, or to none, and is still to be cleared or archived.';
COMMENT ON COLUMN rollcall.records.key IS 'The key, normalised.';
COMMENT ON COLUMN rollcall.records.record_id IS 'HubSpot record ID.';
COMMENT ON COLUMN rollcall.records.values_hash IS 'Hash of the values of the query with which the record is known to be in step. NULL: it is not, or that is not known.';
COMMENT ON COLUMN rollcall.records.withheld IS 'Properties whose values were not sent because they belong to other syncs, separated by commas; see rejects. NULL: none.';
COMMENT ON COLUMN rollcall.records.found_at IS 'When the record was last read from HubSpot, or created there. After found_ttl it is read again. NULL: it is read again in any case, because the outcome of a change is not known.';
COMMENT ON COLUMN rollcall.records.created_by IS 'The run that created the record, see runs. NULL: the sync did not.';
COMMENT ON COLUMN rollcall.records.left_by IS 'The run whose query did not return the key any more, see runs: the sync does not keep the record in step. NULL: it does.';

CREATE TABLE rollcall.record_values (
    object_type_id VARCHAR NOT NULL,
    record_id      BIGINT NOT NULL,
    property       VARCHAR NOT NULL,
    value          VARCHAR,
    asked          VARCHAR,
    sync           VARCHAR,
    run_id         VARCHAR,
    is_desired     BOOLEAN,
    is_foreign     BOOLEAN,
    known_at       TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE rollcall.record_values IS 'What is last known of the properties that syncs of kind object keep in step. One row a property of a record.';
COMMENT ON COLUMN rollcall.record_values.object_type_id IS 'HubSpot object type ID, 0-1 for contacts.';
COMMENT ON COLUMN rollcall.record_values.record_id IS 'HubSpot record ID.';
COMMENT ON COLUMN rollcall.record_values.property IS 'Internal name of the property.';
COMMENT ON COLUMN rollcall.record_values.value IS 'The value that HubSpot has. NULL: none.';
COMMENT ON COLUMN rollcall.record_values.asked IS 'The value that was sent, where HubSpot keeps another one. It is not sent again. NULL: HubSpot keeps what was sent.';
COMMENT ON COLUMN rollcall.record_values.sync IS 'The sync that wrote the property last, whoever has changed it since. NULL: none has.';
COMMENT ON COLUMN rollcall.record_values.run_id IS 'The run that wrote it, see runs. NULL: none has.';
COMMENT ON COLUMN rollcall.record_values.is_desired IS 'Did that sync desire a value of the property in its last run that was not blocked? Then no other sync writes another one. NULL: it was found so.';
COMMENT ON COLUMN rollcall.record_values.is_foreign IS 'Did somebody else write this value, and does no query desire it? A sync with foreign_values = keep leaves it.';
COMMENT ON COLUMN rollcall.record_values.known_at IS 'When it was written or found.';

CREATE TABLE rollcall.properties (
    object_type_id VARCHAR NOT NULL,
    name           VARCHAR NOT NULL,
    label          VARCHAR,
    type           VARCHAR,
    field_type     VARCHAR,
    options        JSON,
    is_external    BOOLEAN,
    reference      VARCHAR,
    is_read_only   BOOLEAN,
    is_calculated  BOOLEAN,
    is_unique      BOOLEAN,
    is_hidden      BOOLEAN,
    read_at        TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE rollcall.properties IS 'The definitions of properties of the object types that syncs of kind object keep in step, as HubSpot last answered them. Read again after found_ttl, and before a row or a value is refused by them.';
COMMENT ON COLUMN rollcall.properties.object_type_id IS 'HubSpot object type ID, 0-1 for contacts.';
COMMENT ON COLUMN rollcall.properties.name IS 'Internal name: what a column of a query is called.';
COMMENT ON COLUMN rollcall.properties.label IS 'What HubSpot''s pages call it.';
COMMENT ON COLUMN rollcall.properties.type IS 'Type of its values: string, number, bool, date, datetime, enumeration, ...';
COMMENT ON COLUMN rollcall.properties.field_type IS 'How HubSpot''s pages show it. An enumeration holds several values where it is checkbox.';
COMMENT ON COLUMN rollcall.properties.options IS 'Of an enumeration: what it takes, [{value, label, hidden}]; value is the internal value, which a query gives. Of an owner: the owners'' IDs; [] where the token may not read them. NULL: none.';
COMMENT ON COLUMN rollcall.properties.is_external IS 'Do the values come from elsewhere than the options?';
COMMENT ON COLUMN rollcall.properties.reference IS 'What the values refer to, such as OWNER. NULL: nothing.';
COMMENT ON COLUMN rollcall.properties.is_read_only IS 'Does HubSpot alone set it?';
COMMENT ON COLUMN rollcall.properties.is_calculated IS 'Does HubSpot calculate it?';
COMMENT ON COLUMN rollcall.properties.is_unique IS 'Have no two records the same value, so that it can be the id_property?';
COMMENT ON COLUMN rollcall.properties.is_hidden IS 'Is it not shown by HubSpot''s pages?';
COMMENT ON COLUMN rollcall.properties.read_at IS 'When HubSpot answered so.';

CREATE TABLE rollcall.object_types (
    asked          VARCHAR NOT NULL,
    object_type_id VARCHAR NOT NULL,
    name           VARCHAR NOT NULL,
    read_at        TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE rollcall.object_types IS 'The custom object types that syncs of kind object name, as HubSpot last answered. Read again after found_ttl, and after a call about the type has failed.';
COMMENT ON COLUMN rollcall.object_types.asked IS 'Name or ID as a row has it.';
COMMENT ON COLUMN rollcall.object_types.object_type_id IS 'HubSpot object type ID, such as 2-7001.';
COMMENT ON COLUMN rollcall.object_types.name IS 'The name that the type has in HubSpot.';
COMMENT ON COLUMN rollcall.object_types.read_at IS 'When HubSpot answered so.';

CREATE TABLE rollcall.links (
    target           VARCHAR NOT NULL,
    from_record_id   BIGINT NOT NULL,
    to_record_id     BIGINT NOT NULL,
    association_type VARCHAR NOT NULL,
    label            VARCHAR,
    key              VARCHAR,
    sync             VARCHAR,
    run_id           VARCHAR,
    since            TIMESTAMPTZ
);

COMMENT ON TABLE rollcall.links IS 'What is last known of the associations of the records that syncs of kind association lead from. One row an association type of a pair of records.';
COMMENT ON COLUMN rollcall.links.target IS 'Both object types, such as contacts->companies: custom types by their IDs.';
COMMENT ON COLUMN rollcall.links.from_record_id IS 'HubSpot record ID of the one.';
COMMENT ON COLUMN rollcall.links.to_record_id IS 'HubSpot record ID of the other.';
COMMENT ON COLUMN rollcall.links.association_type IS 'default for the link without a label, which a pair has besides every other; else category and type ID, such as USER_DEFINED 3: type IDs are unique within their category only.';
COMMENT ON COLUMN rollcall.links.label IS 'The label. NULL: it is the link without one.';
COMMENT ON COLUMN rollcall.links.key IS 'The keys of both records, from → to. NULL: the query has never named the pair.';
COMMENT ON COLUMN rollcall.links.sync IS 'The sync that linked it, or to which it has gone over because it asks for it and the one that linked it does not any more. NULL: it was found so.';
COMMENT ON COLUMN rollcall.links.run_id IS 'The run that linked it, see runs. NULL: it was found so.';
COMMENT ON COLUMN rollcall.links.since IS 'When it was linked or first found.';

CREATE TABLE rollcall.link_claims (
    target           VARCHAR NOT NULL,
    from_record_id   BIGINT NOT NULL,
    to_record_id     BIGINT NOT NULL,
    association_type VARCHAR NOT NULL,
    sync             VARCHAR NOT NULL,
    run_id           VARCHAR
);

COMMENT ON TABLE rollcall.link_claims IS 'Associations that a sync asks for and another one has linked; see links.sync. When the query of that one drops an association, it stays, and is the asking sync''s own. One row a sync an association type of a pair of records.';
COMMENT ON COLUMN rollcall.link_claims.target IS 'Both object types, such as contacts->companies: custom types by their IDs.';
COMMENT ON COLUMN rollcall.link_claims.from_record_id IS 'HubSpot record ID of the one.';
COMMENT ON COLUMN rollcall.link_claims.to_record_id IS 'HubSpot record ID of the other.';
COMMENT ON COLUMN rollcall.link_claims.association_type IS 'As in links.';
COMMENT ON COLUMN rollcall.link_claims.sync IS 'The sync that asks for it.';
COMMENT ON COLUMN rollcall.link_claims.run_id IS 'Its last run in which its claims changed, see runs.';

CREATE TABLE rollcall.link_reads (
    target         VARCHAR NOT NULL,
    from_record_id BIGINT NOT NULL,
    read_at        TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE rollcall.link_reads IS 'When all associations of a record with those of another type were last read from HubSpot. After found_ttl they are read again.';
COMMENT ON COLUMN rollcall.link_reads.target IS 'Both object types, such as contacts->companies: custom types by their IDs.';
COMMENT ON COLUMN rollcall.link_reads.from_record_id IS 'HubSpot record ID.';
COMMENT ON COLUMN rollcall.link_reads.read_at IS 'When they were read.';

CREATE TABLE rollcall.link_labels (
    target           VARCHAR NOT NULL,
    association_type VARCHAR NOT NULL,
    label            VARCHAR,
    read_at          TIMESTAMPTZ NOT NULL
);

COMMENT ON TABLE rollcall.link_labels IS 'Cached association labels. A hint, never the truth.';
COMMENT ON COLUMN rollcall.link_labels.target IS 'Both object types, such as contacts->companies: custom types by their IDs.';
COMMENT ON COLUMN rollcall.link_labels.association_type IS 'Category and type ID, such as USER_DEFINED 3.';
COMMENT ON COLUMN rollcall.link_labels.label IS 'The label. NULL: the default type, which has none.';
COMMENT ON COLUMN rollcall.link_labels.read_at IS 'When HubSpot said so.';

-- The control tables: what analysts write, what Rollcall remembers, and the ledger.
-- Plain tables without keys, sequences or enums, so that one file serves a local DuckDB file and MotherDuck.

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
    max_removals    BIGINT,
    max_removal_pct DOUBLE DEFAULT 50,
    dry_run         BOOLEAN DEFAULT false,
    schedule        VARCHAR,
    description     VARCHAR,
    owner           VARCHAR,
    created_at      TIMESTAMPTZ DEFAULT now(),
    updated_at      TIMESTAMPTZ DEFAULT now()
);

CREATE TABLE rollcall.runs (
    run_id           VARCHAR NOT NULL,
    run_at           TIMESTAMPTZ NOT NULL,
    sync             VARCHAR NOT NULL,
    list_id          VARCHAR,
    status           VARCHAR NOT NULL,
    detail           VARCHAR,
    error            VARCHAR,
    hint             VARCHAR,
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
    n_added          BIGINT,
    n_removed        BIGINT,
    n_missing        BIGINT,
    n_final          BIGINT,
    n_drift          BIGINT,
    verified         BOOLEAN,
    dry_run          BOOLEAN,
    undoes           VARCHAR,
    plan_hash        VARCHAR,
    api_calls        BIGINT,
    api_retries      BIGINT,
    finished_at      TIMESTAMPTZ,
    runner           VARCHAR,
    version          VARCHAR,
    epoch            BIGINT
);

CREATE TABLE rollcall.changes (
    run_id     VARCHAR NOT NULL,
    sync       VARCHAR NOT NULL,
    list_id    VARCHAR,
    action     VARCHAR NOT NULL,
    record_id  BIGINT NOT NULL,
    key        VARCHAR,
    cause      VARCHAR,
    state      VARCHAR NOT NULL,
    batch      BIGINT,
    reason     VARCHAR,
    changed_at TIMESTAMPTZ
);

CREATE TABLE rollcall.drift (
    run_id    VARCHAR NOT NULL,
    sync      VARCHAR NOT NULL,
    list_id   VARCHAR NOT NULL,
    record_id BIGINT NOT NULL,
    key       VARCHAR,
    kind      VARCHAR NOT NULL,
    cause     VARCHAR NOT NULL,
    found_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE rollcall.rejects (
    run_id VARCHAR NOT NULL,
    sync   VARCHAR NOT NULL,
    key    VARCHAR,
    reason VARCHAR NOT NULL,
    detail VARCHAR
);

CREATE TABLE rollcall.members (
    list_id    VARCHAR NOT NULL,
    record_id  BIGINT NOT NULL,
    key        VARCHAR,
    sync       VARCHAR,
    run_id     VARCHAR,
    since      TIMESTAMPTZ,
    is_foreign BOOLEAN
);

CREATE TABLE rollcall.lists (
    list_id                   VARCHAR NOT NULL,
    list_name                 VARCHAR,
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

CREATE TABLE rollcall.contacts (
    object_type_id VARCHAR NOT NULL,
    id_property    VARCHAR NOT NULL,
    key            VARCHAR NOT NULL,
    record_id      BIGINT,
    learnt_at      TIMESTAMPTZ NOT NULL
);

CREATE TABLE rollcall.approvals (
    run_id      VARCHAR NOT NULL,
    plan_hash   VARCHAR,
    sync        VARCHAR,
    approved_by VARCHAR,
    approved_at TIMESTAMPTZ DEFAULT now(),
    used_by     VARCHAR,
    used_at     TIMESTAMPTZ
);

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

CREATE TABLE rollcall.lease (
    name         VARCHAR NOT NULL,
    owner        VARCHAR,
    epoch        BIGINT NOT NULL,
    acquired_at  TIMESTAMPTZ,
    heartbeat_at TIMESTAMPTZ,
    expires_at   TIMESTAMPTZ
);

INSERT INTO rollcall.lease (name, epoch) VALUES ('runner', 0);

-- The tables of the first layout, as its seven migrations made them.
CREATE SCHEMA rollcall;
CREATE TABLE rollcall.schema_version (version BIGINT NOT NULL, changed_at TIMESTAMPTZ);
INSERT INTO rollcall.schema_version VALUES (7, now());

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
-- Columns for what a yes covers, what warns, what was made, and whose plan an unchanged one is.

ALTER TABLE rollcall.syncs ADD COLUMN allow_takeover BOOLEAN;
ALTER TABLE rollcall.syncs ADD COLUMN min_rows BIGINT;

ALTER TABLE rollcall.runs ADD COLUMN warning VARCHAR;
ALTER TABLE rollcall.runs ADD COLUMN made_list BOOLEAN;
ALTER TABLE rollcall.runs ADD COLUMN plan_run_id VARCHAR;
ALTER TABLE rollcall.runs ADD COLUMN approved_run VARCHAR;
ALTER TABLE rollcall.runs ADD COLUMN seconds DOUBLE;
ALTER TABLE rollcall.runs ADD COLUMN schedule VARCHAR;
ALTER TABLE rollcall.runs ADD COLUMN row_sha256 VARCHAR;
ALTER TABLE rollcall.runs ADD COLUMN next_run_at TIMESTAMPTZ;

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

ALTER TABLE rollcall.runs ADD COLUMN makes_list VARCHAR;

ALTER TABLE rollcall.approvals ADD COLUMN expires_at TIMESTAMPTZ;

ALTER TABLE rollcall.lists ADD COLUMN known_as VARCHAR;
-- Columns that have come new since 004.

ALTER TABLE rollcall.runs ADD COLUMN row_json VARCHAR;

ALTER TABLE rollcall.runs ADD COLUMN held_runner BOOLEAN;

ALTER TABLE rollcall.lease ADD COLUMN writes BIGINT;

ALTER TABLE rollcall.runs ADD COLUMN guards VARCHAR;

CREATE SCHEMA imports;

CREATE TABLE imports.batch (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL,
    filename      text NOT NULL,
    sha256        bytea NOT NULL,
    state         text NOT NULL CHECK (state IN ('uploaded', 'checking', 'checked', 'committing', 'committed', 'undoing', 'undone', 'failed')),
    header        text[] NOT NULL DEFAULT '{}',
    rows_total    bigint NOT NULL DEFAULT 0,
    rows_ok       bigint NOT NULL DEFAULT 0,
    rows_warning  bigint NOT NULL DEFAULT 0,
    rows_rejected bigint NOT NULL DEFAULT 0,
    rows_duplicate bigint NOT NULL DEFAULT 0,
    rows_committed bigint NOT NULL DEFAULT 0,
    control_count bigint,
    control_sum   bigint,
    error_code    text,
    job_id        bigint,
    uploaded_by   text NOT NULL,
    uploaded_at   timestamptz NOT NULL DEFAULT now(),
    committed_by  text,
    committed_at  timestamptz,
    undone_by     text,
    undone_at     timestamptz
);
CREATE UNIQUE INDEX batch_once ON imports.batch (kind, sha256) WHERE state NOT IN ('undone', 'failed');

-- One row per line of the file; it always ends in one visible verdict.
CREATE TABLE imports.row (
    batch_id  bigint NOT NULL REFERENCES imports.batch,
    line      int NOT NULL,
    fields    text[] NOT NULL,
    verdict   text NOT NULL DEFAULT 'pending',
    codes     text[] NOT NULL DEFAULT '{}',
    column_no int,
    entity_id bigint,
    PRIMARY KEY (batch_id, line)
);
CREATE INDEX row_verdict ON imports.row (batch_id, verdict, line);

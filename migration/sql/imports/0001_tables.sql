CREATE SCHEMA imports;

CREATE TABLE imports.batch (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL,
    filename      text NOT NULL,
    sha256        bytea NOT NULL,
    state         text NOT NULL CHECK (state IN ('uploaded', 'checking', 'checked', 'committing', 'committed', 'undoing', 'undone', 'failed')),
    header        text[] NOT NULL DEFAULT '{}',
    delimiter     text NOT NULL DEFAULT ';',
    legacy_encoding boolean NOT NULL DEFAULT false,
    rows_total    bigint NOT NULL DEFAULT 0,
    rows_ok       bigint NOT NULL DEFAULT 0,
    rows_warning  bigint NOT NULL DEFAULT 0,
    rows_rejected bigint NOT NULL DEFAULT 0,
    rows_duplicate bigint NOT NULL DEFAULT 0,
    rows_committed bigint NOT NULL DEFAULT 0,
    control_count bigint,
    control_sum   bigint,
    error_code    text,
    error_detail  text,
    job_id        bigint,
    uploaded_by   text NOT NULL,
    uploaded_at   timestamptz NOT NULL DEFAULT now(),
    committed_by  text,
    committed_at  timestamptz,
    undone_by     text,
    undone_at     timestamptz
);
CREATE UNIQUE INDEX batch_once ON imports.batch (kind, sha256) WHERE state NOT IN ('undone', 'failed');
CREATE INDEX batch_uploader ON imports.batch (uploaded_by, id);
COMMENT ON COLUMN imports.batch.legacy_encoding IS 'The file came in windows-1251, which has no Kazakh letters: every row carries a remark.';
COMMENT ON COLUMN imports.batch.rows_ok IS 'With rows_warning, rows_rejected and rows_duplicate: the verdicts of the last check; they add up to rows_total.';
COMMENT ON COLUMN imports.batch.control_sum IS 'Tiyn, from the line of control totals of a file of money.';

-- One row per line of the file; it always ends in one visible verdict.
CREATE TABLE imports.row (
    batch_id  bigint NOT NULL REFERENCES imports.batch,
    line      int NOT NULL,
    fields    text[] NOT NULL,
    verdict   text NOT NULL DEFAULT 'pending'
              CHECK (verdict IN ('pending', 'ok', 'warning', 'rejected', 'duplicate', 'committed', 'undone')),
    codes     text[] NOT NULL DEFAULT '{}',
    columns   text[] NOT NULL DEFAULT '{}',
    entity_id bigint,
    PRIMARY KEY (batch_id, line)
);
CREATE INDEX row_verdict ON imports.row (batch_id, verdict, line);
COMMENT ON COLUMN imports.row.fields IS 'As in the file; fields of personal data are sealed.';
COMMENT ON COLUMN imports.row.columns IS 'The column that each code is about, empty for the row as a whole.';
COMMENT ON COLUMN imports.row.entity_id IS 'What the row became: premise, account, residency, contract, meter, reading or payment.';

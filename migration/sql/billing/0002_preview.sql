-- What a run of a month and sector would come to, reckoned without writing a bill: a few rows per preview, for ever.
CREATE TABLE billing.run_preview (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period     date NOT NULL,
    sector     text NOT NULL,
    status     text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    known_at   timestamptz NOT NULL,
    accounts   bigint NOT NULL,
    accounts_done bigint NOT NULL DEFAULT 0,
    billed     bigint NOT NULL DEFAULT 0,
    excused    bigint NOT NULL DEFAULT 0,
    failures   bigint NOT NULL DEFAULT 0,
    lines      bigint NOT NULL DEFAULT 0,
    net        bigint NOT NULL DEFAULT 0,
    vat        bigint NOT NULL DEFAULT 0,
    gross      bigint NOT NULL DEFAULT 0,
    hash       text,
    previous_run_id bigint REFERENCES billing.run,
    job_id     bigint,
    error      text,
    created_by text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CHECK (net + vat = gross)
);
CREATE INDEX run_preview_month ON billing.run_preview (period, sector, id);
CREATE UNIQUE INDEX run_preview_one ON billing.run_preview (period, sector) WHERE status IN ('queued', 'running');
COMMENT ON TABLE billing.run_preview IS 'Preview of a run (предварительный расчёт): kept so that it can be opened again. Sums are in tiyn.';
COMMENT ON COLUMN billing.run_preview.known_at IS 'Facts recorded up to this moment were used.';
COMMENT ON COLUMN billing.run_preview.hash IS 'As of a run: equal when the run would write the same lines.';

CREATE TABLE billing.run_preview_total (
    preview_id bigint NOT NULL REFERENCES billing.run_preview ON DELETE CASCADE,
    by         text NOT NULL CHECK (by IN ('service', 'basis')),
    code       text NOT NULL,
    accounts   bigint NOT NULL,
    lines      bigint NOT NULL,
    liters     bigint NOT NULL,
    net        bigint NOT NULL,
    vat        bigint NOT NULL,
    gross      bigint NOT NULL,
    previous_liters bigint,
    previous_gross  bigint,
    PRIMARY KEY (preview_id, by, code)
);
COMMENT ON TABLE billing.run_preview_total IS 'Totals of a preview by service or by basis, each beside the month before where that was run.';

CREATE TABLE billing.run_preview_exception (
    preview_id bigint NOT NULL REFERENCES billing.run_preview ON DELETE CASCADE,
    number     int NOT NULL,
    kind       text NOT NULL,
    code       text NOT NULL,
    args       jsonb NOT NULL,
    accounts   bigint NOT NULL,
    sample     bigint[] NOT NULL,
    PRIMARY KEY (preview_id, number)
);
COMMENT ON TABLE billing.run_preview_exception IS 'What stands out in a preview: a code with the arguments of its message, how many accounts, the first of them.';

CREATE TABLE billing.run_preview_change (
    preview_id bigint NOT NULL REFERENCES billing.run_preview ON DELETE CASCADE,
    number     int NOT NULL,
    account_id bigint NOT NULL,
    gross      bigint NOT NULL,
    previous   bigint NOT NULL,
    causes     text[] NOT NULL,
    PRIMARY KEY (preview_id, number)
);
COMMENT ON TABLE billing.run_preview_change IS 'The accounts whose charge differs most from the month before, the largest difference first.';

-- Corrections of what was billed: a batch is accounts × months on a document. Nothing that was billed is edited; what a batch
-- changes is kept as pairs of lines and posted into the open month.
CREATE TABLE billing.correction (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state       text NOT NULL CHECK (state IN ('reckoning', 'previewed', 'waiting', 'posting', 'posted', 'reversing', 'reversed',
                                               'stale', 'withdrawn')),
    document_id bigint NOT NULL REFERENCES archive.document,
    reason      text NOT NULL CHECK (btrim(reason) <> ''),
    from_period date NOT NULL,
    to_period   date NOT NULL CHECK (to_period >= from_period),
    stages      int NOT NULL DEFAULT 1 CHECK (stages BETWEEN 1 AND 36),
    stages_done int NOT NULL DEFAULT 0,
    stage_period date,
    known_at    timestamptz NOT NULL,
    accounts    bigint NOT NULL DEFAULT 0,
    accounts_done bigint NOT NULL DEFAULT 0,
    changed     bigint NOT NULL DEFAULT 0,
    unchanged   bigint NOT NULL DEFAULT 0,
    skipped     bigint NOT NULL DEFAULT 0,
    bills       bigint NOT NULL DEFAULT 0,
    invoices    bigint NOT NULL DEFAULT 0,
    entries     bigint NOT NULL DEFAULT 0,
    owed_more   bigint NOT NULL DEFAULT 0,
    owed_less   bigint NOT NULL DEFAULT 0,
    net         bigint NOT NULL DEFAULT 0,
    vat         bigint NOT NULL DEFAULT 0,
    gross       bigint NOT NULL DEFAULT 0,
    hash        text,
    staff       bigint NOT NULL DEFAULT 0,
    second      text[] NOT NULL DEFAULT '{}',
    job_id      bigint,
    error       text,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    previewed_at timestamptz,
    asked_by    text,
    asked_on    date,
    confirmed_by text,
    posted_at   timestamptz,
    reversed_by text,
    reversed_at timestamptz,
    reversal_document_id bigint REFERENCES archive.document,
    CHECK (net + vat = gross),
    CHECK (confirmed_by IS DISTINCT FROM created_by)
);
-- Batches may overlap in accounts, so that books are written by one of them at a time.
CREATE UNIQUE INDEX correction_one ON billing.correction ((true)) WHERE state IN ('posting', 'reversing');
COMMENT ON TABLE billing.correction IS 'A batch of corrections (исправление, перерасчёт). Sums are in tiyn, owed_less as a positive one.';
COMMENT ON COLUMN billing.correction.known_at IS 'Facts recorded up to this moment were used for the preview.';
COMMENT ON COLUMN billing.correction.hash IS 'Sum over accounts of the hash of their pairs (hex); reckoned again before posting, it must be the same.';
COMMENT ON COLUMN billing.correction.stages IS 'Credits are posted in so many parts, a month each; stages_done says how many are posted.';
COMMENT ON COLUMN billing.correction.second IS 'Why a second person decides; empty where one is enough.';

CREATE TABLE billing.correction_account (
    correction_id bigint NOT NULL REFERENCES billing.correction,
    account_id  bigint NOT NULL,
    sector      text NOT NULL,
    district_id bigint NOT NULL,
    outcome     text NOT NULL DEFAULT 'queued'
                CHECK (outcome IN ('queued', 'changed', 'unchanged', 'skipped', 'posted', 'reversed')),
    skip        text,
    detail      text,
    staff       boolean NOT NULL DEFAULT false,
    bills       int NOT NULL DEFAULT 0,
    before      bigint NOT NULL DEFAULT 0,
    after       bigint NOT NULL DEFAULT 0,
    net         bigint NOT NULL DEFAULT 0,
    vat         bigint NOT NULL DEFAULT 0,
    gross       bigint NOT NULL DEFAULT 0,
    entries     int NOT NULL DEFAULT 0,
    causes      text[] NOT NULL DEFAULT '{}',
    hash        text,
    stage       int NOT NULL DEFAULT 0,
    PRIMARY KEY (correction_id, account_id),
    CHECK ((outcome = 'skipped') = (skip IS NOT NULL)),
    CHECK (after - before = gross AND net + vat = gross)
);
CREATE INDEX correction_account_of ON billing.correction_account (account_id, correction_id);
COMMENT ON TABLE billing.correction_account IS 'An account of a batch with what becomes of it; before and after are the gross of the months that change.';
COMMENT ON COLUMN billing.correction_account.stage IS 'How many parts of its sum are in the books.';

-- What a month was reckoned from, as a proof: the inputs of the rule, to be run again with the tariff book as known at the batch.
CREATE TABLE billing.correction_month (
    correction_id bigint NOT NULL REFERENCES billing.correction,
    account_id  bigint NOT NULL,
    period      date NOT NULL,
    inputs      jsonb NOT NULL,
    causes      text[] NOT NULL,
    before      bigint NOT NULL,
    after       bigint NOT NULL,
    PRIMARY KEY (correction_id, account_id, period)
);
CREATE INDEX correction_month_account ON billing.correction_month (account_id, period);
COMMENT ON TABLE billing.correction_month IS 'A month of an account that a batch changes, with the inputs of the rule.';

CREATE TABLE billing.correction_line (
    correction_id bigint NOT NULL REFERENCES billing.correction,
    account_id  bigint NOT NULL,
    period      date NOT NULL,
    line        int NOT NULL,
    side        text NOT NULL CHECK (side IN ('minus', 'plus')),
    point_id    bigint NOT NULL,
    service     text NOT NULL,
    component   text NOT NULL,
    basis       text NOT NULL,
    from_day    date NOT NULL,
    to_day      date NOT NULL,
    liters      bigint NOT NULL,
    price       bigint NOT NULL,
    coefficient bigint NOT NULL,
    vat_rate    int NOT NULL,
    tariff_id   bigint NOT NULL,
    vat_id      bigint NOT NULL,
    band_id     bigint,
    norm_id     bigint,
    residency_id bigint,
    residents   int,
    meter_id    bigint,
    reading_prev bigint,
    reading_last bigint,
    net         bigint NOT NULL,
    vat         bigint NOT NULL,
    gross       bigint NOT NULL,
    special_id  bigint,
    building_id bigint,
    PRIMARY KEY (correction_id, account_id, period, line),
    CHECK (net + vat = gross)
);
CREATE INDEX correction_line_account ON billing.correction_line (account_id, period);
COMMENT ON TABLE billing.correction_line IS 'The pairs: a line as it was charged is taken back (minus), the line instead of it is charged (plus); both as positive sums.';
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON billing.correction_line
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- What corrected months hand over to the next one. `before` is what the chain said when the batch was posted: taken back, it says so again.
CREATE TABLE billing.correction_chain (
    correction_id bigint NOT NULL REFERENCES billing.correction,
    account_id  bigint NOT NULL,
    period      date NOT NULL,
    point_id    bigint NOT NULL,
    before      jsonb,
    after       jsonb NOT NULL,
    PRIMARY KEY (correction_id, account_id, period, point_id)
);
CREATE INDEX correction_chain_account ON billing.correction_chain (account_id, period);
COMMENT ON TABLE billing.correction_chain IS 'Rows of consumption.month as a batch found and left them.';

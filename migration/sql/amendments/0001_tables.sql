-- Wrong entries of an open month are removed or changed by batches on a document. Facts are never deleted: they end in a visible
-- state, and a batch is taken back as a whole.
CREATE SCHEMA amendments;

CREATE TABLE amendments.batch (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state       text NOT NULL CHECK (state IN ('reckoning', 'previewed', 'waiting', 'applying', 'applied', 'reversing', 'reversed',
                                               'stale', 'withdrawn')),
    document_id bigint NOT NULL REFERENCES archive.document,
    reason      text NOT NULL CHECK (btrim(reason) <> ''),
    rows        bigint NOT NULL DEFAULT 0,
    ready       bigint NOT NULL DEFAULT 0,
    refused     bigint NOT NULL DEFAULT 0,
    accounts    bigint NOT NULL DEFAULT 0,
    issued      bigint NOT NULL DEFAULT 0,
    in_run      bigint NOT NULL DEFAULT 0,
    ahead       bigint NOT NULL DEFAULT 0,
    entries     bigint NOT NULL DEFAULT 0,
    messages    bigint NOT NULL DEFAULT 0,
    owed_more   bigint NOT NULL DEFAULT 0,
    owed_less   bigint NOT NULL DEFAULT 0,
    paid_back   bigint NOT NULL DEFAULT 0,
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
    applied_at  timestamptz,
    correction_id bigint REFERENCES billing.correction,
    reversed_by text,
    reversed_at timestamptz,
    reversal_document_id bigint REFERENCES archive.document,
    CHECK (confirmed_by IS DISTINCT FROM created_by)
);
COMMENT ON TABLE amendments.batch IS 'A batch of amendments (правка фактов): rows removed or changed on a document. Sums are in tiyn, owed_less as a positive one.';
COMMENT ON COLUMN amendments.batch.issued IS 'Bills that change and are issued; in_run: in a run that is not issued; ahead: not made yet.';
COMMENT ON COLUMN amendments.batch.paid_back IS 'Payments taken back, as a positive sum; part of owed_more.';
COMMENT ON COLUMN amendments.batch.messages IS 'Warnings of debt that stand on what changes.';
COMMENT ON COLUMN amendments.batch.applied_at IS 'The moment of its recordings: registers are taken back by it.';
COMMENT ON COLUMN amendments.batch.correction_id IS 'The correction of issued bills that it prepared.';

CREATE TABLE amendments.row (
    batch_id    bigint NOT NULL REFERENCES amendments.batch,
    n           int NOT NULL,
    act         text NOT NULL CHECK (act IN ('remove', 'change')),
    fact        text NOT NULL CHECK (fact IN ('reading', 'payment', 'residents', 'verification', 'amenity')),
    account_id  bigint,
    number      text,
    serial      text,
    fact_id     bigint,
    point_id    bigint,
    value       text,
    day         date,
    outcome     text NOT NULL DEFAULT 'queued' CHECK (outcome IN ('queued', 'ready', 'refused', 'applied', 'reversed')),
    refusal     text,
    was         text,
    made_id     bigint,
    before      jsonb,
    PRIMARY KEY (batch_id, n),
    CHECK ((outcome = 'refused') = (refusal IS NOT NULL)),
    CHECK ((act = 'remove') = (value IS NULL))
);
CREATE INDEX row_account ON amendments.row (account_id, batch_id) WHERE account_id IS NOT NULL;
CREATE INDEX row_fact ON amendments.row (fact, fact_id) WHERE fact_id IS NOT NULL;
COMMENT ON COLUMN amendments.row.fact_id IS 'What is removed: reading, payment, residency, or the meter whose last verification goes.';
COMMENT ON COLUMN amendments.row.number IS 'The account as a list named it; with the serial number of the meter.';
COMMENT ON COLUMN amendments.row.was IS 'What the fact said, in words of its register.';
COMMENT ON COLUMN amendments.row.made_id IS 'What came of it: the reversal of a payment, the new reading or version.';
COMMENT ON COLUMN amendments.row.before IS 'What has to be known to put it back.';

CREATE TABLE amendments.effect (
    batch_id    bigint NOT NULL REFERENCES amendments.batch,
    account_id  bigint NOT NULL,
    period      date NOT NULL,
    stage       text NOT NULL CHECK (stage IN ('issued', 'in_run', 'ahead', 'paid')),
    before      bigint NOT NULL,
    after       bigint NOT NULL,
    PRIMARY KEY (batch_id, account_id, period, stage)
);
COMMENT ON TABLE amendments.effect IS 'What a bill of a month comes to before and after, in tiyn; stage paid: what was paid in it.';

-- A reading says by which batch it was removed.
ALTER TABLE readings.reading ADD COLUMN amendment_id bigint;
COMMENT ON COLUMN readings.reading.amendment_id IS 'The batch of amendments that removed it.';

-- The price list of paid services: what a deed costs on a day, proposed by one person and confirmed by another.
CREATE TABLE billing.paid_service (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code        text NOT NULL CHECK (code ~ '^[a-z][a-z0-9_]{1,39}$'),
    title_kk    text NOT NULL,
    title_ru    text NOT NULL,
    title_en    text NOT NULL,
    service     text NOT NULL CHECK (service IN ('water', 'sewerage_cold')),
    net         numeric(12, 4) NOT NULL CHECK (net > 0),
    valid       daterange NOT NULL CHECK (NOT isempty(valid)),
    source      text NOT NULL,
    document_id bigint NOT NULL REFERENCES archive.document,
    state       text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'confirmed', 'declined')),
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    decided_by  text,
    decided_at  timestamptz,
    CONSTRAINT paid_service_decided CHECK ((state = 'proposed') = (decided_by IS NULL)),
    CONSTRAINT paid_service_two_people CHECK (decided_by <> proposed_by),
    CONSTRAINT paid_service_once EXCLUDE USING gist (code WITH =, valid WITH &&) WHERE (state = 'confirmed')
);
CREATE UNIQUE INDEX paid_service_waits ON billing.paid_service (code) WHERE state = 'proposed';
COMMENT ON COLUMN billing.paid_service.service IS 'Whose receivable the charge stands in.';
COMMENT ON COLUMN billing.paid_service.net IS 'Tenge for one deed, without VAT.';
COMMENT ON COLUMN billing.paid_service.valid IS 'Days of the deed. A confirmed version ends the one before it.';

-- What an account was charged for a deed, on its act. The same act charges the same deed once.
CREATE TABLE billing.one_off (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id      bigint NOT NULL REFERENCES subscribers.account,
    paid_service_id bigint NOT NULL REFERENCES billing.paid_service,
    performed_on    date NOT NULL,
    quantity        int NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
    vat_rate        numeric(5, 4) NOT NULL,
    net             bigint NOT NULL,
    vat             bigint NOT NULL,
    gross           bigint NOT NULL CHECK (gross = net + vat AND gross > 0),
    period          date NOT NULL,
    due_on          date NOT NULL,
    document_id     bigint NOT NULL REFERENCES archive.document,
    state           text NOT NULL DEFAULT 'posted' CHECK (state IN ('posted', 'reversed')),
    recorded_by     text NOT NULL,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    reversed_by     text,
    reversed_at     timestamptz,
    reversed_in     date,
    reversal_document_id bigint REFERENCES archive.document,
    CONSTRAINT one_off_reversed CHECK (num_nulls(reversed_by, reversed_at, reversed_in, reversal_document_id)
                                       = CASE state WHEN 'posted' THEN 4 ELSE 0 END)
);
CREATE UNIQUE INDEX one_off_same_act ON billing.one_off (account_id, paid_service_id, document_id) WHERE state = 'posted';
CREATE INDEX one_off_account ON billing.one_off (account_id, id);
CREATE INDEX one_off_period ON billing.one_off (period);
COMMENT ON COLUMN billing.one_off.net IS 'Tiyn, as vat and gross.';
COMMENT ON COLUMN billing.one_off.period IS 'The month it is posted in.';
COMMENT ON COLUMN billing.one_off.reversed_in IS 'The month the reversal is posted in.';

-- What the bank says: the third side of the comparison, and payments of its own.
CREATE TABLE payments.statement (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account     text NOT NULL,
    from_day    date NOT NULL,
    to_day      date NOT NULL,
    opening     bigint NOT NULL,
    closing     bigint NOT NULL,
    sum_in      bigint NOT NULL,
    sum_out     bigint NOT NULL,
    lines_total bigint NOT NULL,
    filename    text NOT NULL,
    sha256      bytea NOT NULL,
    part        int NOT NULL,
    state       text NOT NULL CHECK (state IN ('matching', 'matched', 'failed')),
    error       text,
    job_id      bigint,
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    CHECK (opening + sum_in - sum_out = closing)
);
CREATE UNIQUE INDEX statement_once ON payments.statement (sha256, part) WHERE state <> 'failed';
CREATE INDEX statement_day ON payments.statement (account, to_day);
COMMENT ON TABLE payments.statement IS 'A bank account''s movements over some days (банковская выписка).';
COMMENT ON COLUMN payments.statement.part IS 'Its place in the file.';
COMMENT ON COLUMN payments.statement.opening IS 'Tiyn, as closing, sum_in and sum_out.';

CREATE TABLE payments.statement_line (
    statement_id bigint NOT NULL REFERENCES payments.statement,
    n            int NOT NULL,
    key          text NOT NULL,
    day          date NOT NULL,
    amount       bigint NOT NULL CHECK (amount <> 0),
    document     text NOT NULL,
    reference    text NOT NULL,
    payer        text NOT NULL,
    purpose      text NOT NULL,
    purpose_code text,
    details      bytea,
    subject      bytea,
    numbers      text[] NOT NULL,
    named        date,
    state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'remittance', 'payment', 'unknown', 'ambiguous', 'refund',
                     'out', 'duplicate')),
    account_id   bigint,
    channel_id   bigint REFERENCES payments.channel,
    business_date date,
    fee          bigint,
    refund_id    bigint REFERENCES payments.refund,
    decision     text CHECK (decision IN ('posted', 'suspended', 'explained')),
    payment_id   bigint,
    note         text,
    decided_by   text,
    decided_at   timestamptz,
    PRIMARY KEY (statement_id, n),
    CHECK ((decision IS NULL) = (decided_by IS NULL)),
    CHECK ((channel_id IS NULL) = (business_date IS NULL))
);
CREATE INDEX statement_line_key ON payments.statement_line (key, statement_id);
CREATE INDEX statement_line_state ON payments.statement_line (statement_id, state, n);
CREATE INDEX statement_line_channel ON payments.statement_line (channel_id, business_date) WHERE channel_id IS NOT NULL;
CREATE INDEX statement_line_subject ON payments.statement_line (subject) WHERE subject IS NOT NULL;
COMMENT ON COLUMN payments.statement_line.key IS 'The same in every statement that has the line; the key of the payment.';
COMMENT ON COLUMN payments.statement_line.amount IS 'Tiyn; money in is positive.';
COMMENT ON COLUMN payments.statement_line.purpose IS 'As the payer wrote it, identification numbers masked.';
COMMENT ON COLUMN payments.statement_line.details IS 'Sealed: ИИН or БИН, account of the bank, the purpose as it was written.';
COMMENT ON COLUMN payments.statement_line.subject IS 'Blind index of the ИИН or БИН.';
COMMENT ON COLUMN payments.statement_line.numbers IS 'What may be a number of an account in the purpose.';
COMMENT ON COLUMN payments.statement_line.named IS 'The day that an agent''s purpose names.';
COMMENT ON COLUMN payments.statement_line.fee IS 'Tiyn that the agent kept, where the purpose says it.';
ALTER TABLE payments.suspense ADD FOREIGN KEY (statement_id) REFERENCES payments.statement;

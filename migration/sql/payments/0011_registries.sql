-- What a channel's daily registry looks like, when it is due, what the agent keeps. Agents' own formats are not public: settings.
CREATE TABLE payments.registry_terms (
    channel_id    bigint PRIMARY KEY REFERENCES payments.channel,
    layout        jsonb NOT NULL CHECK (jsonb_typeof(layout) = 'object'),
    since         date NOT NULL,
    due_at        time NOT NULL,
    contact_hours int NOT NULL CHECK (contact_hours BETWEEN 0 AND 72),
    serial_rule   text NOT NULL CHECK (serial_rule IN ('adds', 'replaces')),
    fee_points    int NOT NULL DEFAULT 0 CHECK (fee_points BETWEEN 0 AND 10000),
    alarm_to      text,
    version       int NOT NULL DEFAULT 1
);
COMMENT ON TABLE payments.registry_terms IS 'A channel''s terms of reconciliation (условия сверки).';
COMMENT ON COLUMN payments.registry_terms.layout IS 'Separator, header, closing word, columns.';
COMMENT ON COLUMN payments.registry_terms.since IS 'The first business day whose file is expected.';
COMMENT ON COLUMN payments.registry_terms.due_at IS 'By this hour in Almaty of the day after the file is here.';
COMMENT ON COLUMN payments.registry_terms.contact_hours IS 'So long after that the agent must have been told of differences.';
COMMENT ON COLUMN payments.registry_terms.fee_points IS 'What the agent keeps, in hundredths of a percent, where his file does not say it.';
COMMENT ON COLUMN payments.registry_terms.alarm_to IS 'E-mail that is told when no file came.';

-- An agent's file of a business day. A day without payments is the same bytes every time, so a file is known by its day too.
CREATE TABLE payments.registry (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel_id    bigint NOT NULL REFERENCES payments.channel,
    business_date date NOT NULL,
    serial        int NOT NULL CHECK (serial > 0),
    sha256        bytea NOT NULL,
    filename      text NOT NULL,
    state         text NOT NULL CHECK (state IN ('matching', 'matched', 'superseded', 'failed')),
    rows_total    bigint NOT NULL,
    sum_total     bigint NOT NULL,
    fee_total     bigint NOT NULL,
    error         text,
    job_id        bigint,
    uploaded_by   text NOT NULL,
    uploaded_at   timestamptz NOT NULL DEFAULT now(),
    matched_at    timestamptz
);
CREATE UNIQUE INDEX registry_once ON payments.registry (channel_id, business_date, sha256) WHERE state <> 'failed';
CREATE UNIQUE INDEX registry_serial ON payments.registry (channel_id, business_date, serial) WHERE state <> 'failed';
COMMENT ON TABLE payments.registry IS 'An agent''s registry of a business day (реестр агента).';
COMMENT ON COLUMN payments.registry.business_date IS 'The agent''s day, by his own clock.';
COMMENT ON COLUMN payments.registry.sum_total IS 'Tiyn, as fee_total.';

CREATE TABLE payments.registry_row (
    registry_id bigint NOT NULL REFERENCES payments.registry,
    line        int NOT NULL,
    external_id text NOT NULL,
    account_raw text NOT NULL,
    account_id  bigint,
    amount      bigint NOT NULL CHECK (amount > 0),
    fee         bigint NOT NULL DEFAULT 0,
    paid_at     timestamptz,
    paid_on     date NOT NULL,
    service     text,
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'matched', 'missing_ours', 'missing_theirs', 'diff_sum',
                    'diff_account', 'duplicate', 'reversed')),
    payment_id  bigint,
    ours_amount bigint,
    ours_account bigint,
    decision    text CHECK (decision IN ('posted', 'suspended', 'explained')),
    note        text,
    decided_by  text,
    decided_at  timestamptz,
    PRIMARY KEY (registry_id, line),
    CHECK ((decision IS NULL) = (decided_by IS NULL)),
    CHECK ((line < 0) = (state = 'missing_theirs'))
);
CREATE INDEX registry_row_number ON payments.registry_row (external_id, registry_id);
CREATE INDEX registry_row_state ON payments.registry_row (registry_id, state, line);
CREATE INDEX registry_row_undecided ON payments.registry_row (registry_id)
    WHERE decision IS NULL AND state IN ('missing_ours', 'missing_theirs', 'diff_sum', 'diff_account', 'reversed');
COMMENT ON COLUMN payments.registry_row.line IS 'Line of the file; below zero a payment of ours that no file has.';
COMMENT ON COLUMN payments.registry_row.paid_at IS 'The payer''s moment; paid_on is its day in Almaty.';
COMMENT ON COLUMN payments.registry_row.ours_amount IS 'Tiyn in our journal, where that is another sum.';
COMMENT ON COLUMN payments.registry_row.ours_account IS 'The account in our journal, where that is another one.';

-- Payments of a channel by their day: our side of the comparison.
CREATE INDEX payment_channel ON payments.payment (channel, paid_on);

-- No file by the hour.
CREATE TABLE payments.registry_alarm (
    channel_id    bigint NOT NULL REFERENCES payments.channel,
    business_date date NOT NULL,
    raised_at     timestamptz NOT NULL DEFAULT now(),
    contact_by    timestamp NOT NULL,
    ended_at      timestamptz,
    seen_by       text,
    seen_at       timestamptz,
    PRIMARY KEY (channel_id, business_date)
);
COMMENT ON TABLE payments.registry_alarm IS 'A registry that did not come by the hour (тревога).';
COMMENT ON COLUMN payments.registry_alarm.contact_by IS 'Until when the agent must have been told, in Almaty.';
COMMENT ON COLUMN payments.registry_alarm.ended_at IS 'When the file came.';

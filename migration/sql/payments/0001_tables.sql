CREATE SCHEMA payments;
CREATE SEQUENCE payments.payment_id;

CREATE TABLE payments.payment (
    id          bigint PRIMARY KEY DEFAULT nextval('payments.payment_id'),
    account_id  bigint NOT NULL REFERENCES subscribers.account,
    sector      text NOT NULL,
    period      date NOT NULL,
    channel     text NOT NULL,
    external_id text NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    paid_on     date NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    received_by text NOT NULL,
    payer       text,
    import_batch_id bigint,
    reverses    bigint REFERENCES payments.payment,
    document_id bigint REFERENCES archive.document
);
CREATE INDEX payment_account ON payments.payment (account_id, paid_on DESC, id DESC);
CREATE INDEX payment_period ON payments.payment (period, sector);
CREATE UNIQUE INDEX payment_reversed_once ON payments.payment (reverses) WHERE reverses IS NOT NULL;
COMMENT ON COLUMN payments.payment.paid_on IS 'The payer''s date: the debtor is discharged on it.';

-- One payment per channel and its transaction number, for ever. Not partitioned: uniqueness can't span partitions.
CREATE TABLE payments.payment_key (
    channel     text NOT NULL,
    external_id text NOT NULL,
    payment_id  bigint NOT NULL,
    input_hash  bytea NOT NULL,
    answer      bytea,
    PRIMARY KEY (channel, external_id)
);

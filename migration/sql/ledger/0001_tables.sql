CREATE SCHEMA ledger;

-- A billing month of a sector. Writers share a lock on the row, closing takes it exclusively.
CREATE TABLE ledger.period (
    period     date NOT NULL CHECK (extract(day FROM period) = 1),
    sector     text NOT NULL CHECK (sector IN ('legal', 'private', 'multi')),
    status     text NOT NULL CHECK (status IN ('open', 'soft_closed', 'closed')),
    opened_by  text NOT NULL,
    opened_at  timestamptz NOT NULL DEFAULT now(),
    soft_closed_by text,
    soft_closed_at timestamptz,
    closed_by  text,
    closed_at  timestamptz,
    PRIMARY KEY (period, sector)
);

CREATE SEQUENCE ledger.entry_id;

-- The general ledger: each row is a balanced pair. Append-only.
CREATE TABLE ledger.entry (
    id         bigint NOT NULL DEFAULT nextval('ledger.entry_id'),
    period     date NOT NULL,
    sector     text NOT NULL,
    account_id bigint NOT NULL,
    posted_on  date NOT NULL,
    debit      text NOT NULL,
    credit     text NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    service    text,
    component  text,
    origin     date,
    source     text NOT NULL CHECK (source IN ('opening', 'run', 'run_reversal', 'payment', 'payment_reversal', 'advance')),
    source_id  bigint NOT NULL,
    CHECK (debit <> credit),
    PRIMARY KEY (account_id, period, id)
) PARTITION BY RANGE (period);
CREATE INDEX entry_source ON ledger.entry (source, source_id);
COMMENT ON COLUMN ledger.entry.amount IS 'Tiyn (1/100 tenge).';
INSERT INTO platform.partitioned VALUES ('ledger.entry');

CREATE SEQUENCE ledger.open_item_id;

-- Receivables: what is owed, by service, component and month of origin. A negative amount is an advance.
CREATE TABLE ledger.open_item (
    id         bigint NOT NULL DEFAULT nextval('ledger.open_item_id'),
    account_id bigint NOT NULL,
    sector     text NOT NULL,
    contract_id bigint,
    service    text,
    component  text NOT NULL,
    origin     date NOT NULL,
    due_on     date NOT NULL,
    amount     bigint NOT NULL,
    settled    bigint NOT NULL DEFAULT 0,
    source     text NOT NULL,
    source_id  bigint NOT NULL,
    PRIMARY KEY (account_id, id),
    CHECK (settled BETWEEN least(amount, 0) AND greatest(amount, 0))
);
CREATE INDEX open_item_open ON ledger.open_item (account_id, origin, id) WHERE amount <> settled;
CREATE INDEX open_item_source ON ledger.open_item (source, source_id);

-- Items of these sources are not payable yet: a run between posting and issue. Emptied by issue and by reversal.
CREATE TABLE ledger.hold (
    source    text NOT NULL,
    source_id bigint NOT NULL,
    PRIMARY KEY (source, source_id)
);

-- What settled what. Append-only; a reversal is a row of the other sign.
CREATE TABLE ledger.settlement (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   bigint NOT NULL,
    open_item_id bigint NOT NULL,
    period       date NOT NULL,
    amount       bigint NOT NULL CHECK (amount <> 0),
    source       text NOT NULL CHECK (source IN ('payment', 'payment_reversal', 'advance')),
    source_id    bigint NOT NULL,
    FOREIGN KEY (account_id, open_item_id) REFERENCES ledger.open_item (account_id, id)
);
CREATE INDEX settlement_item ON ledger.settlement (account_id, open_item_id);
CREATE INDEX settlement_source ON ledger.settlement (source, source_id);

-- Totals per account, month and kind. Runs write `charge` rows, payments write `payment` rows: never the same row.
CREATE TABLE ledger.account_total (
    account_id bigint NOT NULL,
    period     date NOT NULL,
    sector     text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('opening', 'charge', 'payment')),
    amount     bigint NOT NULL,
    PRIMARY KEY (account_id, period, kind)
) PARTITION BY RANGE (period);
COMMENT ON COLUMN ledger.account_total.amount IS 'Signed from the subscriber''s side: charges positive, payments negative; `opening` is the balance carried in by the close of the month before.';
INSERT INTO platform.partitioned VALUES ('ledger.account_total');

-- A closed month refuses every writer, whoever asks and however.
CREATE FUNCTION ledger.refuse_closed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (SELECT DISTINCT period, sector FROM written) w
        JOIN ledger.period p ON p.period = w.period AND p.sector = w.sector AND p.status = 'closed'
    ) THEN
        RAISE EXCEPTION 'PERIOD_CLOSED' USING ERRCODE = 'P0001', HINT = 'a closed period is immutable';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION ledger.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'APPEND_ONLY' USING ERRCODE = 'P0001', HINT = 'post a reversal instead';
END $$;

CREATE TRIGGER closed AFTER INSERT ON ledger.entry REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_closed();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.settlement
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE SCHEMA billing;

CREATE TABLE billing.run (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period     date NOT NULL,
    sector     text NOT NULL,
    state      text NOT NULL CHECK (state IN ('snapshot', 'running', 'posted', 'issued', 'reversed', 'failed')),
    shards     int NOT NULL DEFAULT 0,
    shards_done int NOT NULL DEFAULT 0,
    accounts   bigint NOT NULL DEFAULT 0,
    accounts_done bigint NOT NULL DEFAULT 0,
    excused    bigint NOT NULL DEFAULT 0,
    failures   bigint NOT NULL DEFAULT 0,
    lines      bigint NOT NULL DEFAULT 0,
    net        bigint NOT NULL DEFAULT 0,
    vat        bigint NOT NULL DEFAULT 0,
    gross      bigint NOT NULL DEFAULT 0,
    hash       text,
    due_on     date NOT NULL,
    known_at   timestamptz NOT NULL,
    job_id     bigint,
    error      text,
    started_by text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    posted_at  timestamptz,
    issued_by  text,
    issued_at  timestamptz,
    reversed_by text,
    reversed_at timestamptz
);
CREATE UNIQUE INDEX run_one ON billing.run (period, sector) WHERE state NOT IN ('reversed', 'failed');
COMMENT ON COLUMN billing.run.hash IS 'Sum over accounts of the hash of their lines (hex): the same for any number of shards.';
COMMENT ON COLUMN billing.run.known_at IS 'Facts recorded up to this moment were used.';

CREATE TABLE billing.run_shard (
    run_id       bigint NOT NULL REFERENCES billing.run,
    shard        int NOT NULL,
    from_account bigint NOT NULL,
    to_account   bigint NOT NULL,
    done_at      timestamptz,
    accounts     bigint,
    excused      bigint,
    failures     bigint,
    lines        bigint,
    net          bigint,
    gross        bigint,
    hash         text,
    PRIMARY KEY (run_id, shard)
);
COMMENT ON TABLE billing.run_shard IS 'Account ids in [from_account, to_account). A shard is done when done_at says so; it is one transaction.';

-- The facts of one account and point that the rule saw: the proof of every bill. Arrays are dated intervals.
CREATE TABLE billing.run_input (
    period      date NOT NULL,
    account_id  bigint NOT NULL,
    point_id    bigint NOT NULL,
    run_id      bigint NOT NULL,
    consumer_group text NOT NULL,
    active_from date NOT NULL,
    active_to   date,
    hot         boolean NOT NULL,
    water       boolean NOT NULL,
    sewerage    boolean NOT NULL,
    amenity     text NOT NULL,
    contract_liters bigint,
    residency_id bigint[], residency_from date[], residency_to date[], residency_count int[],
    meter_id bigint[], meter_digits int[], meter_from date[], meter_to date[], meter_verified_until date[],
    prev_id bigint[], prev_day date[], prev_liters bigint[],
    last_id bigint[], last_day date[], last_liters bigint[],
    history     bigint[] NOT NULL,
    history_period date[] NOT NULL,
    months_without_reading int NOT NULL,
    provisional bigint NOT NULL
) PARTITION BY RANGE (period);
CREATE INDEX run_input_account ON billing.run_input (account_id, period);
COMMENT ON TABLE billing.run_input IS 'One row per account and point of supply of a run; point_id = 0 for an account without points.';
INSERT INTO platform.partitioned VALUES ('billing.run_input');

-- Accounts of a run that the registers did not let be charged; each with the reason, none in silence.
CREATE TABLE billing.run_failure (
    run_id     bigint NOT NULL REFERENCES billing.run,
    account_id bigint NOT NULL,
    code       text NOT NULL,
    detail     text NOT NULL,
    PRIMARY KEY (run_id, account_id)
);

CREATE SEQUENCE billing.bill_id;

-- One bill per account and run. Visible to the subscriber once its run is issued.
CREATE TABLE billing.bill (
    id         bigint NOT NULL DEFAULT nextval('billing.bill_id'),
    period     date NOT NULL,
    account_id bigint NOT NULL,
    run_id     bigint NOT NULL,
    opening    bigint NOT NULL,
    charged    bigint NOT NULL,
    paid       bigint NOT NULL,
    closing    bigint NOT NULL,
    due_on     date NOT NULL,
    excuse     text,
    reversed   boolean NOT NULL DEFAULT false,
    CHECK (closing = opening + charged - paid),
    PRIMARY KEY (account_id, period, id)
) PARTITION BY RANGE (period);
CREATE INDEX bill_by_id ON billing.bill (id);
CREATE INDEX bill_run ON billing.bill (run_id);
INSERT INTO platform.partitioned VALUES ('billing.bill');

CREATE TABLE billing.charge_line (
    period      date NOT NULL,
    account_id  bigint NOT NULL,
    run_id      bigint NOT NULL,
    line        int NOT NULL,
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
    CHECK (net + vat = gross)
) PARTITION BY RANGE (period);
CREATE INDEX charge_line_account ON billing.charge_line (account_id, period);
COMMENT ON COLUMN billing.charge_line.price IS 'Net price in 1/10000 tenge per m³, before the band''s coefficient (1/10000); vat_rate is in 1/10000.';
COMMENT ON COLUMN billing.charge_line.to_day IS 'The first day after the interval.';
INSERT INTO platform.partitioned VALUES ('billing.charge_line');

CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON billing.charge_line
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

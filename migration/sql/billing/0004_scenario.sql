-- What a month would come to under tariffs that nobody decided. Nothing here is money: no row of the ledger or of a bill ever
-- comes from a scenario.
CREATE TABLE billing.scenario (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CHECK (length(trim(name)) BETWEEN 1 AND 200),
    note       text NOT NULL DEFAULT '',
    period     date NOT NULL CHECK (extract(day FROM period) = 1),
    sectors    text[] NOT NULL CHECK (cardinality(sectors) > 0),
    changes    jsonb NOT NULL,
    keeps_accounts boolean NOT NULL,
    status     text NOT NULL CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    known_at   timestamptz NOT NULL,
    accounts   bigint NOT NULL DEFAULT 0,
    accounts_done bigint NOT NULL DEFAULT 0,
    failures   bigint NOT NULL DEFAULT 0,
    missing    jsonb NOT NULL DEFAULT '{}',
    hash_before text,
    hash_after text,
    job_id     bigint,
    error      text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    finished_at timestamptz
);
CREATE INDEX scenario_month ON billing.scenario (period, id);
COMMENT ON TABLE billing.scenario IS 'Scenario (сценарий «что если»): named changes of the tariff book and what the month would come to with them.';
COMMENT ON COLUMN billing.scenario.changes IS 'domain::billing::ScenarioChange, in the order they were told.';
COMMENT ON COLUMN billing.scenario.known_at IS 'Facts recorded up to this moment are used; of a sector whose month is run, the facts and the moment of the run.';
COMMENT ON COLUMN billing.scenario.missing IS 'What the registers or the scenario lack, and for how many accounts; those are in no sum.';

CREATE TABLE billing.scenario_part (
    scenario_id bigint NOT NULL REFERENCES billing.scenario ON DELETE CASCADE,
    by         text NOT NULL CHECK (by IN ('all', 'service', 'sector', 'district', 'household', 'basis', 'difference')),
    code       text NOT NULL,
    accounts   bigint NOT NULL,
    gainers    bigint NOT NULL,
    gain       bigint NOT NULL CHECK (gain >= 0),
    losers     bigint NOT NULL,
    loss       bigint NOT NULL CHECK (loss >= 0),
    billed_before bigint NOT NULL,
    liters_before bigint NOT NULL,
    net_before bigint NOT NULL,
    vat_before bigint NOT NULL,
    gross_before bigint NOT NULL,
    billed_after bigint NOT NULL,
    liters_after bigint NOT NULL,
    net_after  bigint NOT NULL,
    vat_after  bigint NOT NULL,
    gross_after bigint NOT NULL,
    PRIMARY KEY (scenario_id, by, code),
    CHECK (net_before + vat_before = gross_before AND net_after + vat_after = gross_after),
    CHECK (loss - gain = gross_after - gross_before)
);
COMMENT ON TABLE billing.scenario_part IS 'What a part of the city pays before and after, in tiyn; gainers pay less, losers more.';

CREATE TABLE billing.scenario_largest (
    scenario_id bigint NOT NULL REFERENCES billing.scenario ON DELETE CASCADE,
    number     int NOT NULL,
    account_id bigint NOT NULL,
    before     bigint NOT NULL,
    after      bigint NOT NULL,
    PRIMARY KEY (scenario_id, number)
);
COMMENT ON TABLE billing.scenario_largest IS 'The accounts that differ most, the largest difference first, in tiyn.';

-- One row per account that differs, only where somebody asked to keep them; gone with the scenario.
CREATE TABLE billing.scenario_difference (
    scenario_id bigint NOT NULL REFERENCES billing.scenario ON DELETE CASCADE,
    account_id bigint NOT NULL,
    before     bigint NOT NULL,
    after      bigint NOT NULL,
    PRIMARY KEY (scenario_id, account_id)
);
COMMENT ON TABLE billing.scenario_difference IS 'What an account pays before and after, in tiyn, for export.';

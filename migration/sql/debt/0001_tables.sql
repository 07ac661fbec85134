CREATE SCHEMA debt;

-- Accruals of penalty: a month of a sector, reckoned, looked at, posted, and reversible as a whole.
CREATE TABLE debt.accrual (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    month       date NOT NULL CHECK (extract(day FROM month) = 1),
    sector      text NOT NULL CHECK (sector IN ('legal', 'private', 'multi')),
    up_to       date NOT NULL,
    known_at    timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('reckoning', 'ready', 'posting', 'posted', 'reversing', 'reversed', 'dropped')),
    touched_since date NOT NULL,
    period      date,
    accounts    bigint NOT NULL DEFAULT 0,
    items       bigint NOT NULL DEFAULT 0,
    added       bigint NOT NULL DEFAULT 0,
    taken_back  bigint NOT NULL DEFAULT 0,
    done        bigint NOT NULL DEFAULT 0,
    error       text,
    started_by  text NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    posted_by   text,
    posted_at   timestamptz,
    reversed_by text,
    reversed_at timestamptz,
    document_id bigint REFERENCES archive.document
);
CREATE UNIQUE INDEX accrual_at_work ON debt.accrual (sector) WHERE state IN ('reckoning', 'ready', 'posting', 'reversing');
COMMENT ON COLUMN debt.accrual.up_to IS 'The last day that is reckoned.';
COMMENT ON COLUMN debt.accrual.period IS 'The month it is posted in.';
COMMENT ON COLUMN debt.accrual.touched_since IS 'Settled items are reckoned again when a settlement of this month or later touched them; the first day of time is all of them.';
COMMENT ON COLUMN debt.accrual.added IS 'Tiyn, as taken_back: of the look while reckoned, of the books once posted.';

-- What an accrual changed of an item's penalty of a month, with what it was reckoned from. The penalty of (item, month) is the sum
-- over accruals that stand.
CREATE TABLE debt.penalty (
    account_id   bigint NOT NULL,
    period       date NOT NULL,
    open_item_id bigint NOT NULL,
    month        date NOT NULL,
    accrual_id   bigint NOT NULL,
    service      text NOT NULL,
    amount       bigint NOT NULL,
    total        bigint NOT NULL,
    slices       jsonb NOT NULL,
    PRIMARY KEY (account_id, open_item_id, month, accrual_id, period)
) PARTITION BY RANGE (period);
CREATE INDEX penalty_accrual ON debt.penalty (accrual_id, account_id);
COMMENT ON COLUMN debt.penalty.period IS 'The month it is posted in; month is the one it accrued for.';
COMMENT ON COLUMN debt.penalty.amount IS 'Tiyn; negative takes back.';
COMMENT ON COLUMN debt.penalty.total IS 'Tiyn that the rule gave for the item and month.';
COMMENT ON COLUMN debt.penalty.slices IS 'Days, sums and versions of rates that the total is made of.';
INSERT INTO platform.partitioned VALUES ('debt.penalty');

-- Partitions of months that were opened before this table was there.
SELECT platform.ensure_partitions(period) FROM (SELECT DISTINCT period FROM ledger.period) p;

-- No penalty accrues on these days: of a sector, a group, an account, or everybody.
CREATE TABLE debt.moratorium (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sector         text CHECK (sector IN ('legal', 'private', 'multi')),
    consumer_group text CHECK (consumer_group IN ('population', 'other', 'budget')),
    account_id     bigint REFERENCES subscribers.account,
    valid          daterange NOT NULL CHECK (NOT isempty(valid)),
    reason         text NOT NULL,
    document_id    bigint NOT NULL REFERENCES archive.document,
    recorded_by    text NOT NULL,
    recorded_at    timestamptz NOT NULL DEFAULT now(),
    withdrawn_by   text,
    withdrawn_at   timestamptz
);

CREATE TABLE debt.dispute (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   bigint NOT NULL REFERENCES subscribers.account,
    open_item_id bigint NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    reason       text NOT NULL,
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'for', 'against')),
    opened_on    date NOT NULL,
    answer_by    date NOT NULL,
    opened_by    text NOT NULL,
    decided_on   date,
    decided_by   text,
    decision     text,
    document_id  bigint REFERENCES archive.document,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (account_id, open_item_id) REFERENCES ledger.open_item (account_id, id),
    CHECK ((state = 'open') = (decided_on IS NULL))
);
CREATE INDEX dispute_item ON debt.dispute (account_id, open_item_id);
CREATE UNIQUE INDEX dispute_once ON debt.dispute (account_id, open_item_id) WHERE state = 'open';
CREATE INDEX dispute_open ON debt.dispute (answer_by) WHERE state = 'open';
COMMENT ON COLUMN debt.dispute.amount IS 'Tiyn that rest while it is open.';

-- What made the time of limitation begin anew; without an item, for all of the account's items.
CREATE TABLE debt.interruption (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   bigint NOT NULL REFERENCES subscribers.account,
    open_item_id bigint,
    kind         text NOT NULL,
    on_day       date NOT NULL,
    document_id  bigint NOT NULL REFERENCES archive.document,
    recorded_by  text NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX interruption_account ON debt.interruption (account_id);

-- Orders of write-off: proposed on a document, posted by a second person.
CREATE TABLE debt.write_off (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id bigint NOT NULL REFERENCES archive.document,
    reason      text NOT NULL,
    state       text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'posted', 'declined')),
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    decided_by  text,
    decided_at  timestamptz,
    CHECK (state <> 'posted' OR decided_by <> proposed_by)
);
CREATE TABLE debt.write_off_item (
    write_off_id bigint NOT NULL REFERENCES debt.write_off,
    account_id   bigint NOT NULL,
    open_item_id bigint NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (write_off_id, account_id, open_item_id),
    FOREIGN KEY (account_id, open_item_id) REFERENCES ledger.open_item (account_id, id)
);

-- What was written off: no longer an asset, but still claimed, and owed again when it is revived.
CREATE TABLE debt.off_balance (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    write_off_id bigint NOT NULL REFERENCES debt.write_off,
    account_id   bigint NOT NULL REFERENCES subscribers.account,
    service      text NOT NULL,
    component    text NOT NULL,
    origin       date NOT NULL,
    due_on       date NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    posted_on    date NOT NULL,
    revived_on   date,
    revived_by   text,
    revival_document_id bigint REFERENCES archive.document
);
CREATE INDEX off_balance_account ON debt.off_balance (account_id);
CREATE INDEX off_balance_order ON debt.off_balance (write_off_id, account_id);

-- Warnings of disconnection and what became of them.
CREATE TABLE debt.notice (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   bigint NOT NULL REFERENCES subscribers.account,
    sector       text NOT NULL,
    state        text NOT NULL DEFAULT 'warned' CHECK (state IN ('warned', 'paid', 'plan', 'disputed', 'disconnected', 'reconnected', 'withdrawn')),
    debt         bigint NOT NULL CHECK (debt > 0),
    months       int NOT NULL,
    issued_on    date NOT NULL,
    deadline     date NOT NULL,
    text_kk      text NOT NULL,
    text_ru      text NOT NULL,
    delivery     text NOT NULL DEFAULT 'to_send' CHECK (delivery IN ('to_send', 'sent', 'failed')),
    issued_by    text NOT NULL,
    state_on     date NOT NULL,
    act_id       bigint REFERENCES archive.document,
    disconnected_on date,
    reconnected_on  date,
    fee          bigint
);
CREATE UNIQUE INDEX notice_live ON debt.notice (account_id) WHERE state IN ('warned', 'disconnected');
CREATE INDEX notice_state ON debt.notice (state, deadline);
CREATE INDEX notice_account ON debt.notice (account_id);
COMMENT ON COLUMN debt.notice.debt IS 'Tiyn overdue on the day of the warning.';

-- Instalments: an agreement, the items in it, its dated parts.
CREATE TABLE debt.plan (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id   bigint NOT NULL REFERENCES subscribers.account,
    document_id  bigint NOT NULL REFERENCES archive.document,
    amount       bigint NOT NULL CHECK (amount > 0),
    agreed_on    date NOT NULL,
    stops_penalty boolean NOT NULL,
    state        text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'done', 'broken', 'cancelled')),
    ended_on     date,
    agreed_by    text NOT NULL,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'active') = (ended_on IS NULL))
);
CREATE UNIQUE INDEX plan_live ON debt.plan (account_id) WHERE state = 'active';
CREATE INDEX plan_account ON debt.plan (account_id);
CREATE TABLE debt.plan_item (
    plan_id      bigint NOT NULL REFERENCES debt.plan,
    account_id   bigint NOT NULL,
    open_item_id bigint NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (plan_id, open_item_id),
    FOREIGN KEY (account_id, open_item_id) REFERENCES ledger.open_item (account_id, id)
);
CREATE INDEX plan_item_item ON debt.plan_item (account_id, open_item_id);
CREATE TABLE debt.plan_part (
    plan_id bigint NOT NULL REFERENCES debt.plan,
    due_on  date NOT NULL,
    amount  bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (plan_id, due_on)
);

-- Campaigns: the debt of some months is paid by a day, the penalty is given up.
CREATE TABLE debt.campaign (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name_kk      text NOT NULL,
    name_ru      text NOT NULL,
    sectors      text[] NOT NULL,
    groups       text[] NOT NULL,
    debt_from    date NOT NULL,
    debt_to      date NOT NULL,
    starts_on    date NOT NULL,
    pay_by       date NOT NULL,
    percent      numeric(5, 2) NOT NULL CHECK (percent > 0 AND percent <= 100),
    by_application boolean NOT NULL,
    document_id  bigint NOT NULL REFERENCES archive.document,
    state        text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'started', 'ended', 'declined')),
    proposed_by  text NOT NULL,
    proposed_at  timestamptz NOT NULL DEFAULT now(),
    decided_by   text,
    decided_at   timestamptz,
    CHECK (debt_from <= debt_to AND starts_on <= pay_by),
    CHECK (state NOT IN ('started', 'ended') OR decided_by <> proposed_by)
);
COMMENT ON COLUMN debt.campaign.sectors IS 'Empty is every sector; as of groups.';
COMMENT ON COLUMN debt.campaign.debt_to IS 'The first day of the last month whose debt counts.';
CREATE TABLE debt.campaign_account (
    campaign_id bigint NOT NULL REFERENCES debt.campaign,
    account_id  bigint NOT NULL REFERENCES subscribers.account,
    district_id bigint NOT NULL,
    sector      text NOT NULL,
    debt        bigint NOT NULL,
    penalty     bigint NOT NULL,
    applied_on  date,
    given       bigint,
    given_on    date,
    PRIMARY KEY (campaign_id, account_id)
);
CREATE INDEX campaign_account_account ON debt.campaign_account (account_id);
COMMENT ON COLUMN debt.campaign_account.given IS 'Tiyn written off once the account had paid.';

-- The settings of collection, for a demo that was loaded before they existed; a real installation proposes and confirms its own.
INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT terms.code, to_jsonb(terms.value), order_of.valid, 'practice, to be confirmed', order_of.proposed_by, order_of.confirmed_by, now(), true
FROM tariffs.setting order_of
CROSS JOIN (VALUES ('debt.base_rate', '18'), ('debt.penalty_multiplier', '1.5'), ('debt.penalty_year_days', '365'),
    ('debt.penalty_first_day', '1'), ('debt.penalty_grace_days', '0'), ('debt.penalty_ceiling_percent', '100'),
    ('debt.penalty_since', '2024-09-01'), ('debt.notice_months', '2'), ('debt.notice_days', '30'), ('debt.notice_least', '1000'),
    ('debt.dispute_days', '15'), ('debt.limitation_years', '3'), ('debt.plan_stops_penalty', 'yes')) AS terms (code, value)
WHERE order_of.code = 'payments.allocation_order' AND order_of.demo AND order_of.confirmed_by IS NOT NULL
  AND upper_inf(order_of.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code = terms.code);

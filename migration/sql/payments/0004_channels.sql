-- Banks, terminals and shared-bill centres that take money for the utility. Each agent is a clearing sub-account of the ledger; a
-- channel is one way on which an agent's program talks to us. What counterparties have not answered yet is a setting of the channel.
CREATE TABLE payments.agent (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code    text NOT NULL UNIQUE CHECK (code ~ '^[a-z][a-z0-9-]{1,30}$'),
    name_kk text NOT NULL CHECK (btrim(name_kk) <> ''),
    name_ru text NOT NULL CHECK (btrim(name_ru) <> ''),
    name_en text NOT NULL CHECK (btrim(name_en) <> ''),
    bin     text CHECK (bin ~ '^[0-9]{12}$'),
    active  boolean NOT NULL DEFAULT true,
    version int NOT NULL DEFAULT 1
);
COMMENT ON TABLE payments.agent IS 'Who takes money for the utility and hands it on (платёжный агент).';
COMMENT ON COLUMN payments.agent.bin IS 'БИН.';

CREATE TABLE payments.channel (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code      text NOT NULL UNIQUE CHECK (code ~ '^[a-z][a-z0-9-]{1,30}$'
                  AND code NOT IN ('cash', 'bank', 'registry', 'online', 'docs')),
    agent_id  bigint NOT NULL REFERENCES payments.agent,
    dialect   text NOT NULL CHECK (dialect IN ('unified', 'osmp', 'kaspi', 'kassa24')),
    spelling  text NOT NULL CHECK (spelling IN ('xml', 'json')),
    sandbox   boolean NOT NULL DEFAULT false,
    active    boolean NOT NULL DEFAULT false,
    networks  cidr[] NOT NULL DEFAULT '{}',
    auth      text NOT NULL CHECK (auth IN ('none', 'basic', 'path', 'hmac')),
    auth_user text,
    secret_hash   bytea,
    secret_sealed bytea,
    least     bigint NOT NULL DEFAULT 1 CHECK (least > 0),
    most      bigint CHECK (most >= least),
    zone      text NOT NULL DEFAULT 'Asia/Almaty',
    language  text NOT NULL DEFAULT 'ru' CHECK (language IN ('kk', 'ru', 'en')),
    echo      text CHECK (echo ~ '^[A-Za-z_][A-Za-z0-9_]{0,30}$'),
    account_form text NOT NULL DEFAULT 'digits' CHECK (account_form IN ('digits', 'word')),
    temporary text NOT NULL CHECK (temporary IN ('code', 'unavailable', 'silence')),
    denied    text NOT NULL DEFAULT 'status' CHECK (denied IN ('status', 'code')),
    dates     text NOT NULL DEFAULT 'strict' CHECK (dates IN ('strict', 'lenient')),
    closed    text NOT NULL DEFAULT 'take' CHECK (closed IN ('take', 'refuse')),
    duplicate_minutes int NOT NULL DEFAULT 10 CHECK (duplicate_minutes BETWEEN 0 AND 1440),
    cancel_hours int CHECK (cancel_hours BETWEEN 0 AND 8760),
    answer_seconds int NOT NULL DEFAULT 12 CHECK (answer_seconds BETWEEN 1 AND 55),
    shows     text[] NOT NULL DEFAULT '{payer,address,services}' CHECK (shows <@ '{payer,address,services,readings}'),
    codes     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(codes) = 'object'),
    registry_format text,
    note      text,
    version   int NOT NULL DEFAULT 1,
    CHECK ((auth = 'basic') = (auth_user IS NOT NULL)),
    CHECK (auth NOT IN ('basic', 'path') OR secret_hash IS NOT NULL),
    CHECK (auth <> 'hmac' OR secret_sealed IS NOT NULL)
);
CREATE INDEX channel_agent ON payments.channel (agent_id);
COMMENT ON TABLE payments.channel IS 'One way on which an agent''s program talks to us (канал приёма платежей).';
COMMENT ON COLUMN payments.channel.code IS 'Segment of the address, and with the channel''s number the key of a payment for ever.';
COMMENT ON COLUMN payments.channel.spelling IS 'How answers are spelled unless the request says otherwise.';
COMMENT ON COLUMN payments.channel.sandbox IS 'Its payments are kept apart and never reach the ledger.';
COMMENT ON COLUMN payments.channel.networks IS 'Whence it may be spoken; none is nobody.';
COMMENT ON COLUMN payments.channel.secret_hash IS 'Keyed hash of the password (basic) or the path (path).';
COMMENT ON COLUMN payments.channel.secret_sealed IS 'The sealed key of signatures (hmac).';
COMMENT ON COLUMN payments.channel.least IS 'The smallest payment, in tiyn.';
COMMENT ON COLUMN payments.channel.most IS 'The largest payment, in tiyn; never above the setting of all payments.';
COMMENT ON COLUMN payments.channel.zone IS 'Time zone of its dates, by its name in the tz database.';
COMMENT ON COLUMN payments.channel.echo IS 'What its number is called in answers, where that is not what the dialect says.';
COMMENT ON COLUMN payments.channel.temporary IS 'How it is told to come again: by code, by HTTP 503, by no answer.';
COMMENT ON COLUMN payments.channel.denied IS 'How a foreign address or a wrong password is answered: by HTTP status or by code.';
COMMENT ON COLUMN payments.channel.dates IS 'What becomes of payments whose date is missing or wrong.';
COMMENT ON COLUMN payments.channel.closed IS 'What becomes of money for a closed account that owes nothing.';
COMMENT ON COLUMN payments.channel.duplicate_minutes IS 'The same sum for the same account within so many minutes is marked as a possible duplicate; 0 never.';
COMMENT ON COLUMN payments.channel.cancel_hours IS 'How long it may take a payment back; NULL until the month is closed, 0 never.';
COMMENT ON COLUMN payments.channel.answer_seconds IS 'After so long it is told to come again.';
COMMENT ON COLUMN payments.channel.codes IS 'Outcome to number, where the counterparty wants another one than the dialect''s.';
COMMENT ON COLUMN payments.channel.registry_format IS 'Format of its daily registry.';

-- Through whom a payment came, when the payer paid, what is remarkable about it.
ALTER TABLE payments.payment ADD COLUMN agent_id bigint REFERENCES payments.agent, ADD COLUMN paid_at timestamptz,
    ADD COLUMN notes text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN payments.payment.agent_id IS 'The agent whose clearing account it went through; NULL for the utility''s own desks and bank.';
COMMENT ON COLUMN payments.payment.paid_at IS 'The payer''s moment, where the channel says it.';
COMMENT ON COLUMN payments.payment.notes IS 'possible_duplicate, closed_account, date_unclear, other_date.';

ALTER TABLE payments.payment_key ADD COLUMN cancelled_at timestamptz;
COMMENT ON COLUMN payments.payment_key.answer IS 'What the channel was told, byte for byte.';
COMMENT ON COLUMN payments.payment_key.cancelled_at IS 'When the channel itself took the payment back; a payment reversed by the office stays answered as it was.';

-- Every call, refused ones too. Written beside the payments, some at a time: no payment waits for its line.
CREATE SEQUENCE payments.request_id;
CREATE TABLE payments.request (
    id          bigint NOT NULL DEFAULT nextval('payments.request_id'),
    day         date NOT NULL,
    at          timestamptz NOT NULL,
    channel     text NOT NULL,
    address     inet,
    method      text NOT NULL,
    command     text,
    external_id text,
    account     text,
    amount      text,
    query       text NOT NULL,
    outcome     text NOT NULL,
    code        int,
    status      int NOT NULL,
    micros      bigint NOT NULL,
    payment_id  bigint,
    notes       text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, day)
) PARTITION BY RANGE (day);
CREATE INDEX request_channel ON payments.request (channel, id);
CREATE INDEX request_number ON payments.request (external_id) WHERE external_id IS NOT NULL;
INSERT INTO platform.partitioned VALUES ('payments.request');
SELECT platform.ensure_partitions(period) FROM (SELECT DISTINCT period FROM ledger.period) p;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.request
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
COMMENT ON TABLE payments.request IS 'Requests of channels (журнал запросов).';
COMMENT ON COLUMN payments.request.day IS 'The day of `at` in Almaty.';
COMMENT ON COLUMN payments.request.query IS 'As it came, without secrets, personal data masked.';
COMMENT ON COLUMN payments.request.code IS 'What the channel was told; NULL where it was told by HTTP status or not at all.';
COMMENT ON COLUMN payments.request.status IS 'HTTP status; 0 where no answer went out.';

-- The same by the hour: error rates without reading the log.
CREATE TABLE payments.traffic (
    channel text NOT NULL,
    hour    timestamptz NOT NULL,
    command text NOT NULL,
    outcome text NOT NULL,
    calls   bigint NOT NULL,
    micros  bigint NOT NULL,
    slowest bigint NOT NULL,
    PRIMARY KEY (channel, hour, command, outcome)
);
COMMENT ON COLUMN payments.traffic.micros IS 'Of all calls together.';

-- What somebody has to look at.
CREATE TABLE payments.incident (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel     text NOT NULL,
    external_id text NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('other_sum', 'other_account', 'possible_duplicate', 'closed_account', 'date_unclear',
                    'paid_after_cancel')),
    payment_id  bigint NOT NULL REFERENCES payments.payment,
    said        jsonb NOT NULL DEFAULT '{}',
    times       int NOT NULL DEFAULT 1,
    first_at    timestamptz NOT NULL DEFAULT now(),
    last_at     timestamptz NOT NULL DEFAULT now(),
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done')),
    decided_by  text,
    decided_at  timestamptz,
    note        text,
    UNIQUE (channel, external_id, kind, said),
    CHECK ((state = 'done') = (decided_by IS NOT NULL))
);
CREATE INDEX incident_open ON payments.incident (id) WHERE state = 'open';
CREATE INDEX incident_payment ON payments.incident (payment_id);
COMMENT ON TABLE payments.incident IS 'What somebody has to look at about payments of channels (происшествие).';
COMMENT ON COLUMN payments.incident.said IS 'What the channel said this time: account, sum.';
COMMENT ON COLUMN payments.incident.times IS 'How often it was said.';

-- Payments of sandboxes: the same rules, no money.
CREATE TABLE payments.sandbox_payment (
    id          bigint PRIMARY KEY DEFAULT nextval('payments.payment_id'),
    channel     text NOT NULL,
    external_id text NOT NULL,
    account     text NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    paid_at     timestamptz,
    paid_on     date NOT NULL,
    taken_at    timestamptz NOT NULL,
    answer      bytea NOT NULL,
    cancelled_at timestamptz,
    UNIQUE (channel, external_id)
);
CREATE INDEX sandbox_payment_account ON payments.sandbox_payment (channel, account, taken_at);
CREATE TABLE payments.sandbox_attempt (
    channel     text NOT NULL,
    external_id text NOT NULL,
    attempts    int NOT NULL,
    PRIMARY KEY (channel, external_id)
);
COMMENT ON TABLE payments.sandbox_attempt IS 'How often a payment was tried that a test account answers with a fault first.';

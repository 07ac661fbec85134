-- A house that is divided in two, two flats that become one: accounts are closed with final bills on a day, others take over their
-- points and, by shares, what is open on them. Proposed by one person, done as a whole when another confirms it.
CREATE TABLE billing.division (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'declined')),
    on_day      date NOT NULL,
    document_id bigint NOT NULL REFERENCES archive.document,
    reason      text NOT NULL CHECK (btrim(reason) <> ''),
    plan        jsonb NOT NULL,
    transfer_id bigint REFERENCES payments.transfer,
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    decided_by  text,
    decided_at  timestamptz,
    CHECK (decided_by IS DISTINCT FROM proposed_by),
    CHECK ((state = 'waiting') = (decided_by IS NULL))
);
COMMENT ON TABLE billing.division IS 'Accounts divided or joined (раздел и объединение счетов).';
COMMENT ON COLUMN billing.division.plan IS 'Who gives, with closing readings and versions; who takes over, with shares and points. Ids and numbers only.';
COMMENT ON COLUMN billing.division.on_day IS 'First day of the accounts that take over.';

CREATE TABLE subscribers.successor (
    account_id  bigint NOT NULL REFERENCES subscribers.account,
    next_id     bigint NOT NULL REFERENCES subscribers.account,
    on_day      date NOT NULL,
    document_id bigint NOT NULL REFERENCES archive.document,
    PRIMARY KEY (account_id, next_id),
    CHECK (account_id <> next_id)
);
CREATE INDEX successor_next ON subscribers.successor (next_id);
COMMENT ON TABLE subscribers.successor IS 'Where a closed number points to: the accounts that took over from it.';

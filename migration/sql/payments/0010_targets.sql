-- Debts that money is tied to by a judgement, a bailiff or an agreement: what comes for them covers nothing else, and what they
-- leave of it covers nothing else either until somebody unties it.
CREATE TABLE payments.earmark (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  bigint NOT NULL REFERENCES subscribers.account,
    kind        text NOT NULL CHECK (kind IN ('court', 'bailiff', 'instalment')),
    reference   text NOT NULL CHECK (btrim(reference) <> ''),
    document_id bigint NOT NULL REFERENCES archive.document,
    act         text CHECK (act IN ('plan', 'claim')),
    act_id      bigint,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    closed_on   date,
    closed_by   text,
    CHECK ((closed_on IS NULL) = (closed_by IS NULL)),
    CHECK ((act IS NULL) = (act_id IS NULL))
);
CREATE INDEX earmark_account ON payments.earmark (account_id, id);
CREATE UNIQUE INDEX earmark_act ON payments.earmark (act, act_id) WHERE act IS NOT NULL AND closed_on IS NULL;
COMMENT ON TABLE payments.earmark IS 'Debts that money is tied to (целевое назначение).';
COMMENT ON COLUMN payments.earmark.reference IS 'Number of the case, of the execution, of the agreement.';
COMMENT ON COLUMN payments.earmark.act IS 'The plan of instalments or the claim that ties it, and unties it with its own end; NULL where a person does.';
COMMENT ON COLUMN payments.earmark.closed_on IS 'From this day on what is left of its money is like any other.';

CREATE TABLE payments.earmark_item (
    earmark_id   bigint NOT NULL REFERENCES payments.earmark,
    account_id   bigint NOT NULL,
    open_item_id bigint NOT NULL,
    amount       bigint CHECK (amount > 0),
    PRIMARY KEY (earmark_id, open_item_id),
    FOREIGN KEY (account_id, open_item_id) REFERENCES ledger.open_item (account_id, id)
);
COMMENT ON COLUMN payments.earmark_item.amount IS 'Tiyn of the item, where an act names so much of it; NULL is the whole.';
CREATE INDEX earmark_item_item ON payments.earmark_item (account_id, open_item_id);

ALTER TABLE payments.payment ADD COLUMN target text
    CHECK (target ~ '^(service:[a-z_]+|bill:[0-9]{4}-[0-9]{2}|earmark:[0-9]+)$');
COMMENT ON COLUMN payments.payment.target IS 'What its payer, a court or an agreement says it is for; NULL is by the policy.';

-- A payment that covers other debts than it did: its settlements are mirrored and made anew, under its own number.
CREATE TABLE payments.reallocation (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment_id  bigint NOT NULL REFERENCES payments.payment,
    target      text CHECK (target ~ '^(service:[a-z_]+|bill:[0-9]{4}-[0-9]{2}|earmark:[0-9]+)$'),
    moved       bigint NOT NULL CHECK (moved > 0),
    document_id bigint NOT NULL REFERENCES archive.document,
    reason      text NOT NULL CHECK (btrim(reason) <> ''),
    done_by     text NOT NULL,
    done_at     timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reallocation_payment ON payments.reallocation (payment_id, id);
COMMENT ON TABLE payments.reallocation IS 'A payment allocated anew (повторное разнесение).';
COMMENT ON COLUMN payments.reallocation.moved IS 'Tiyn that cover something else than before.';

-- A payment that was credited to the wrong account moves as a whole; the payment itself and its key stay what they were.
ALTER TABLE payments.transfer
    DROP CONSTRAINT transfer_kind_check,
    ADD CONSTRAINT transfer_kind_check CHECK (kind IN ('balance', 'division', 'payment')),
    ADD COLUMN payment_id bigint REFERENCES payments.payment,
    ADD COLUMN to_account bigint REFERENCES subscribers.account,
    ADD CHECK ((kind = 'payment') = (payment_id IS NOT NULL AND to_account IS NOT NULL));
CREATE UNIQUE INDEX transfer_payment ON payments.transfer (payment_id) WHERE payment_id IS NOT NULL AND state IN ('waiting', 'posted');
COMMENT ON COLUMN payments.transfer.payment_id IS 'The payment that moves as a whole.';
COMMENT ON COLUMN payments.transfer.to_account IS 'Where it moves to.';

-- Money given back to who paid it, by the means it came by.
CREATE TABLE payments.refund (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key         text NOT NULL UNIQUE CHECK (btrim(key) <> ''),
    account_id  bigint NOT NULL REFERENCES subscribers.account,
    payment_id  bigint NOT NULL REFERENCES payments.payment,
    sector      text NOT NULL,
    period      date,
    amount      bigint NOT NULL CHECK (amount > 0),
    means       text NOT NULL,
    requisites  bytea,
    state       text NOT NULL CHECK (state IN ('waiting', 'posted', 'paid', 'declined', 'returned')),
    second      text[] NOT NULL DEFAULT '{}',
    document_id bigint NOT NULL REFERENCES archive.document,
    reason      text NOT NULL CHECK (btrim(reason) <> ''),
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    decided_by  text,
    decided_at  timestamptz,
    paid_on     date,
    paid_reference text,
    CHECK (decided_by IS DISTINCT FROM proposed_by),
    CHECK (state IN ('waiting', 'declined') OR cardinality(second) = 0 OR decided_by IS NOT NULL),
    CHECK ((state IN ('waiting', 'declined')) = (period IS NULL))
);
CREATE INDEX refund_account ON payments.refund (account_id, id);
CREATE INDEX refund_payment ON payments.refund (payment_id);
CREATE INDEX refund_state ON payments.refund (state, id);
COMMENT ON TABLE payments.refund IS 'Money given back to who paid it (возврат).';
COMMENT ON COLUMN payments.refund.means IS 'The channel that the payment came by.';
COMMENT ON COLUMN payments.refund.requisites IS 'Sealed: the account of the payer, where the bank needs it.';
COMMENT ON COLUMN payments.refund.period IS 'The month it is posted in.';
COMMENT ON COLUMN payments.refund.second IS 'Why a second person decides; empty where one is enough.';

-- What the utility has to decide, for a demo that was loaded before; a real installation proposes and confirms its own.
INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT terms.code, to_jsonb(terms.value), order_of.valid, 'practice, to be confirmed', order_of.proposed_by, order_of.confirmed_by, now(), true
FROM tariffs.setting order_of
CROSS JOIN (VALUES ('payments.refund_alone', '20000'), ('payments.suspense_days', '10'), ('payments.suspense_sector', 'multi')) AS terms (code, value)
WHERE order_of.code = 'payments.allocation_order' AND order_of.demo AND order_of.confirmed_by IS NOT NULL
  AND upper_inf(order_of.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code = terms.code);

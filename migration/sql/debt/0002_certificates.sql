-- Certificates of no debt: numbered without gaps within a year, made again from what is kept here to the byte.
CREATE TABLE debt.certificate (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    year        int NOT NULL,
    number      int NOT NULL CHECK (number > 0),
    account_id  bigint NOT NULL REFERENCES subscribers.account,
    party_id    bigint REFERENCES subscribers.party,
    holder      text NOT NULL,
    on_day      date NOT NULL,
    requires    text NOT NULL CHECK (requires IN ('nothing_overdue', 'nothing_owed')),
    not_due     bigint NOT NULL CHECK (not_due >= 0),
    disputed    bigint NOT NULL CHECK (disputed >= 0),
    advance     bigint NOT NULL CHECK (advance >= 0),
    paper       jsonb NOT NULL,
    code        text NOT NULL UNIQUE CHECK (code ~ '^[0-9A-Z]{10}$'),
    issued_by   text NOT NULL,
    issued_at   timestamptz NOT NULL DEFAULT now(),
    withdrawn_by text,
    withdrawn_at timestamptz,
    withdrawal_document_id bigint REFERENCES archive.document,
    UNIQUE (year, number),
    CONSTRAINT certificate_withdrawn CHECK (num_nulls(withdrawn_by, withdrawn_at, withdrawal_document_id) IN (0, 3))
);
CREATE INDEX certificate_account ON debt.certificate (account_id, id);
CREATE INDEX certificate_party ON debt.certificate (party_id);
COMMENT ON COLUMN debt.certificate.holder IS 'As it stands on the paper; blanked with the rest of what names the person.';
COMMENT ON COLUMN debt.certificate.paper IS 'Everything else that stands on it: address, contract, requisites.';
COMMENT ON COLUMN debt.certificate.code IS 'What somebody who was shown the paper asks us with, beside its number.';
COMMENT ON COLUMN debt.certificate.not_due IS 'Tiyn, as disputed and advance.';

-- For a demo that was loaded before the setting existed; a real installation proposes and confirms its own.
INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT 'debt.certificate_requires', '"nothing_overdue"', order_of.valid, 'practice, to be confirmed', order_of.proposed_by,
       order_of.confirmed_by, now(), true
FROM tariffs.setting order_of
WHERE order_of.code = 'payments.allocation_order' AND order_of.demo AND order_of.confirmed_by IS NOT NULL
  AND upper_inf(order_of.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code = 'debt.certificate_requires');

-- A closed month is opened again by two people, or never: not after its declaration was handed in, and only the newest one.
CREATE TABLE ledger.filing (
    period      date NOT NULL,
    sector      text NOT NULL,
    document_id bigint NOT NULL REFERENCES archive.document,
    filed_by    text NOT NULL,
    filed_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (period, sector),
    FOREIGN KEY (period, sector) REFERENCES ledger.period
);
COMMENT ON TABLE ledger.filing IS 'The declaration of the month was handed in (отчётность сдана): it is never opened again.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.filing
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

CREATE TABLE ledger.reopening (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period       date NOT NULL,
    sector       text NOT NULL,
    state        text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'confirmed', 'declined')),
    reason       text NOT NULL CHECK (length(trim(reason)) > 0),
    document_id  bigint NOT NULL REFERENCES archive.document,
    requested_by text NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    decided_by   text,
    decided_at   timestamptz,
    FOREIGN KEY (period, sector) REFERENCES ledger.period,
    CHECK (num_nulls(decided_by, decided_at) = CASE state WHEN 'requested' THEN 2 ELSE 0 END),
    CHECK (state <> 'confirmed' OR decided_by <> requested_by)
);
CREATE UNIQUE INDEX reopening_one ON ledger.reopening (period, sector) WHERE state = 'requested';
CREATE INDEX reopening_of ON ledger.reopening (period, sector, id);
COMMENT ON TABLE ledger.reopening IS 'A wish to open a closed month again (вскрытие закрытого периода): one person asks on a document, another one confirms.';

-- The fold of a month that is opened again is superseded; the next close makes a new one.
CREATE TABLE ledger.superseded_balance (
    reopening_id bigint NOT NULL REFERENCES ledger.reopening,
    period  date NOT NULL,
    sector  text NOT NULL,
    account text NOT NULL,
    debit   bigint NOT NULL,
    credit  bigint NOT NULL,
    PRIMARY KEY (reopening_id, account)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.superseded_balance
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- A fold goes only while its month is not closed, and only into the superseded ones.
CREATE FUNCTION ledger.refuse_fold() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM ledger.period p WHERE p.period = OLD.period AND p.sector = OLD.sector AND p.status = 'closed')
       OR NOT EXISTS (SELECT FROM ledger.superseded_balance s
                      WHERE s.period = OLD.period AND s.sector = OLD.sector AND s.account = OLD.account
                        AND s.debit = OLD.debit AND s.credit = OLD.credit) THEN
        RAISE EXCEPTION 'APPEND_ONLY' USING ERRCODE = 'P0001', HINT = 'the fold of a closed month stands';
    END IF;
    RETURN OLD;
END $$;
DROP TRIGGER append_only ON ledger.closed_balance;
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON ledger.closed_balance
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER closed BEFORE DELETE ON ledger.closed_balance
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_fold();

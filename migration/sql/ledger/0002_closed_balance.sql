-- What the general ledger came to at the close of a month, all months before it included. Entries of closed months never change,
-- so that a sum over the whole ledger is the last of these plus the months since: its cost does not grow with the ledger's age.
CREATE TABLE ledger.closed_balance (
    period  date NOT NULL,
    sector  text NOT NULL,
    account text NOT NULL,
    debit   bigint NOT NULL,
    credit  bigint NOT NULL,
    PRIMARY KEY (sector, period, account)
);
COMMENT ON TABLE ledger.closed_balance IS 'Turnover per ledger account from the beginning up to and including a closed month, in tiyn. Months closed before this table was there are folded by the next close.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.closed_balance
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

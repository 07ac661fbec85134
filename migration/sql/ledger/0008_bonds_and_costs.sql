-- Parts of open items that an act above keeps together, as a claim: they stay on their account until it is over.
CREATE TABLE ledger.bond (
    account_id   bigint NOT NULL,
    open_item_id bigint NOT NULL,
    source       text NOT NULL CHECK (source IN ('claim')),
    source_id    bigint NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (account_id, open_item_id, source, source_id),
    FOREIGN KEY (account_id, open_item_id) REFERENCES ledger.open_item (account_id, id)
);
CREATE INDEX bond_source ON ledger.bond (source, source_id);
COMMENT ON TABLE ledger.bond IS 'Sums bound by an act (связанные суммы): out of notices, instalments, campaigns and transfers.';
COMMENT ON COLUMN ledger.bond.amount IS 'Tiyn, at most: what was paid since is bound no more.';

-- What claims cost is a source of its own. Rows that are there stood under a narrower list: nothing of them is to be looked at again.
ALTER TABLE ledger.entry DROP CONSTRAINT entry_source_check,
    ADD CONSTRAINT entry_source_check CHECK (source IN ('opening', 'run', 'run_reversal', 'payment', 'payment_reversal', 'advance',
        'penalty', 'correction', 'one_off', 'cost', 'write_off', 'transfer')) NOT VALID;
ALTER TABLE ledger.settlement DROP CONSTRAINT settlement_source_check,
    ADD CONSTRAINT settlement_source_check CHECK (source IN ('payment', 'payment_reversal', 'advance',
        'penalty', 'correction', 'one_off', 'cost', 'write_off', 'transfer')) NOT VALID;

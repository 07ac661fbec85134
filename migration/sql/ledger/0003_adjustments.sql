-- What changes receivables besides runs and payments: penalty, corrections of what was charged, one-off charges, write-offs and
-- balances that move between accounts. Each names the act it comes from; taking one back is an act of the other sign.
ALTER TABLE ledger.entry DROP CONSTRAINT entry_source_check,
    ADD CONSTRAINT entry_source_check CHECK (source IN ('opening', 'run', 'run_reversal', 'payment', 'payment_reversal', 'advance',
        'penalty', 'correction', 'one_off', 'write_off', 'transfer'));
ALTER TABLE ledger.settlement DROP CONSTRAINT settlement_source_check,
    ADD CONSTRAINT settlement_source_check CHECK (source IN ('payment', 'payment_reversal', 'advance',
        'penalty', 'correction', 'one_off', 'write_off', 'transfer'));
ALTER TABLE ledger.account_total DROP CONSTRAINT account_total_kind_check,
    ADD CONSTRAINT account_total_kind_check CHECK (kind IN ('opening', 'charge', 'payment', 'penalty', 'correction'));
COMMENT ON COLUMN ledger.account_total.kind IS 'penalty: accrued and taken back; correction: recalculations, one-off charges, write-offs, transfers.';

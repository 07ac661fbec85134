-- Money that is nobody's yet, goes back or is handed on: it moves clearing accounts and no receivable.
-- Rows that are there stood under a narrower list: nothing of them is to be looked at again.
ALTER TABLE ledger.entry DROP CONSTRAINT entry_source_check,
    ADD CONSTRAINT entry_source_check CHECK (source IN ('opening', 'run', 'run_reversal', 'payment', 'payment_reversal', 'advance',
        'penalty', 'correction', 'one_off', 'cost', 'write_off', 'transfer', 'refund', 'suspense', 'remittance')) NOT VALID;
COMMENT ON COLUMN ledger.entry.account_id IS 'The subscriber''s account; 0 where money is nobody''s: suspense, what agents hand on.';
ALTER TABLE ledger.settlement DROP CONSTRAINT settlement_source_check,
    ADD CONSTRAINT settlement_source_check CHECK (source IN ('payment', 'payment_reversal', 'advance',
        'penalty', 'correction', 'one_off', 'cost', 'write_off', 'transfer', 'refund')) NOT VALID;
ALTER TABLE ledger.open_item ADD COLUMN earmark_id bigint;
COMMENT ON COLUMN ledger.open_item.earmark_id IS 'Of an advance: it covers nothing but what this earmark names (payments.earmark).';

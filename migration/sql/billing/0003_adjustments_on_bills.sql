-- A bill tells what changed the balance besides charges and payments, as known when it was made.
ALTER TABLE billing.bill
    ADD COLUMN penalty   bigint NOT NULL DEFAULT 0,
    ADD COLUMN corrected bigint NOT NULL DEFAULT 0,
    DROP CONSTRAINT bill_check,
    ADD CONSTRAINT bill_balance CHECK (closing = opening + charged + penalty + corrected - paid);
COMMENT ON COLUMN billing.bill.corrected IS 'Recalculations, one-off charges, write-offs and transfers of the month; negative lessens the debt.';

-- When a batch last rewrote what an account's months hand on: a run that had read them before is not issued.
ALTER TABLE billing.correction_account ADD COLUMN moved_at timestamptz;
COMMENT ON COLUMN billing.correction_account.moved_at IS 'When the chain of months last went on from this batch, or back from it.';

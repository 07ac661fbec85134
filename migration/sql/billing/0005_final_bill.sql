-- A final bill is a run of one account: the same snapshot, rule and posting, issued at once. So whatever reads bills by their run —
-- explanation, paper, corrections, reports — reads it too. Of a month and sector there is one run of all the others.
ALTER TABLE billing.run ADD COLUMN account_id bigint REFERENCES subscribers.account;
COMMENT ON COLUMN billing.run.account_id IS 'The account of a final bill (окончательный расчёт); nothing for the run of a sector.';
DROP INDEX billing.run_one;
CREATE UNIQUE INDEX run_one ON billing.run (period, sector) WHERE account_id IS NULL AND state NOT IN ('reversed', 'failed');
CREATE UNIQUE INDEX run_final ON billing.run (account_id, period) WHERE account_id IS NOT NULL AND state NOT IN ('reversed', 'failed');

-- Accounts that came after the bills of their month were issued are charged by a run of their own: the same snapshot, rule and posting,
-- issued at once. So whatever reads bills by their run reads these too. Of a month and sector there is one run besides, of all the others.
ALTER TABLE billing.run ADD COLUMN late boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN billing.run.late IS 'Of accounts that came after the bills of the month were issued (доначисление опоздавших счетов); there may be several in a month.';
ALTER TABLE billing.run ADD CONSTRAINT run_late_of_many CHECK (NOT late OR account_id IS NULL);
DROP INDEX billing.run_one;
CREATE UNIQUE INDEX run_one ON billing.run (period, sector) WHERE account_id IS NULL AND NOT late AND state NOT IN ('reversed', 'failed');

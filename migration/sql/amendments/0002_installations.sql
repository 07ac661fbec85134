-- A meter that was never put there: its installation is removed with the readings that stand on it.
ALTER TABLE amendments.row DROP CONSTRAINT row_fact_check;
ALTER TABLE amendments.row ADD CONSTRAINT row_fact_check
    CHECK (fact IN ('reading', 'payment', 'residents', 'verification', 'amenity', 'installation'));
COMMENT ON COLUMN amendments.row.fact_id IS 'What is removed: reading, payment, residency, or the meter whose last verification or installation goes.';
COMMENT ON COLUMN amendments.row.account_id IS 'Nothing where the list named none that is known, and of a meter that a house stands behind and no account.';

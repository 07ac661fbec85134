-- What a run saw of accounts whose house was billed in bulk before.
ALTER TABLE billing.run_input ADD COLUMN bulk_from date, ADD COLUMN bulk_to date;
COMMENT ON COLUMN billing.run_input.bulk_from IS 'The house was billed in bulk from here to bulk_to, last before the month; NULL where it never was.';

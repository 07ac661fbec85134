-- What a run saw of accounts whose group of consumers was ever changed on a document.
ALTER TABLE billing.run_input ADD COLUMN group_code text[], ADD COLUMN group_from date[], ADD COLUMN group_to date[];
COMMENT ON COLUMN billing.run_input.group_code IS 'Groups of consumers in the order of their days; NULL where consumer_group held all along.';
COMMENT ON COLUMN billing.run_input.group_from IS 'NULL: the group before the first document.';

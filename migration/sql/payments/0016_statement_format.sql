-- In what a statement was written: a day that comes again in another format has other keys for the same lines. NULL of those that came
-- before it was kept.
ALTER TABLE payments.statement ADD COLUMN format text CHECK (format IN ('mt940', 'camt', 'one_c'));
COMMENT ON COLUMN payments.statement.format IS 'MT940, camt.053 or the text of 1C; NULL of those that an earlier program took.';

-- A division is taken back as a whole, asked for by one person and confirmed by another, while nothing was billed after it.
ALTER TABLE billing.division DROP CONSTRAINT division_state_check;
ALTER TABLE billing.division ADD CONSTRAINT division_state_check
    CHECK (state IN ('waiting', 'done', 'declined', 'returning', 'returned'));
ALTER TABLE billing.division ADD COLUMN back_document_id bigint REFERENCES archive.document;
ALTER TABLE billing.division ADD COLUMN back_reason text;
ALTER TABLE billing.division ADD COLUMN back_asked_by text;
ALTER TABLE billing.division ADD COLUMN back_asked_at timestamptz;
ALTER TABLE billing.division ADD COLUMN back_decided_by text;
ALTER TABLE billing.division ADD COLUMN back_decided_at timestamptz;
ALTER TABLE billing.division ADD CONSTRAINT division_back_two CHECK (back_decided_by IS DISTINCT FROM back_asked_by OR back_decided_by IS NULL);
ALTER TABLE billing.division ADD CONSTRAINT division_back_asked
    CHECK (state NOT IN ('returning', 'returned') OR (back_document_id IS NOT NULL AND back_reason IS NOT NULL AND back_asked_by IS NOT NULL));
COMMENT ON COLUMN billing.division.back_document_id IS 'The document on which the division is taken back (отмена раздела).';
COMMENT ON COLUMN billing.division.back_reason IS 'Why it is taken back.';
COMMENT ON COLUMN billing.division.back_asked_by IS 'Who asked to take it back; the last one who did.';
COMMENT ON COLUMN billing.division.back_asked_at IS 'When.';
COMMENT ON COLUMN billing.division.back_decided_by IS 'Who confirmed or declined that.';
COMMENT ON COLUMN billing.division.back_decided_at IS 'When.';

-- A verification may find a meter unfit: what was known of its interval ends on that day. The row that says so stands in the place of
-- the one that said more.
ALTER TABLE meters.verification
    ADD COLUMN unfit             boolean NOT NULL DEFAULT false,
    ADD COLUMN unfit_document_id bigint REFERENCES archive.document,
    ADD CONSTRAINT verification_unfit CHECK (unfit OR unfit_document_id IS NULL);
COMMENT ON COLUMN meters.verification.unfit IS 'On valid_until the meter was found unfit; false: its interval ends on that day.';
COMMENT ON COLUMN meters.verification.unfit_document_id IS 'The paper of unfitness.';

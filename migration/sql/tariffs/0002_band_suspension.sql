-- A suspension of the bands is a fact with days, source and document, not only the absence of one.
ALTER TABLE tariffs.band
    ADD COLUMN suspended boolean NOT NULL DEFAULT false,
    ADD CHECK (NOT suspended OR bands = '[]');
COMMENT ON COLUMN tariffs.band.suspended IS 'The population pays the plain price on these days; so it does on days without any row.';

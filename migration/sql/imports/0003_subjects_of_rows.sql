-- Whom a row is about, as far as it can be told from the row alone: rows that were not written stand for nobody in the registers,
-- and whoever is erased must be erased from them too.
ALTER TABLE imports.row ADD COLUMN subjects bytea[];
COMMENT ON COLUMN imports.row.subjects IS 'Keyed blind indexes: of the row''s ИИН where it can be read; else of its account number, phone and e-mail. Null where files of the kind carry no personal data.';
CREATE INDEX row_subject ON imports.row USING gin (subjects) WHERE subjects IS NOT NULL;

-- The file of a document: attached once, never changed. In pieces, so that neither who brings it nor who reads it holds it whole.
ALTER TABLE archive.document DROP COLUMN file;
ALTER TABLE archive.document
    ADD COLUMN file_type text,
    ADD COLUMN file_bytes bigint,
    ADD COLUMN file_attached_by text,
    ADD COLUMN file_attached_at timestamptz,
    ADD CHECK (num_nonnulls(file_name, file_sha256, file_type, file_bytes, file_attached_by, file_attached_at) IN (0, 6));
COMMENT ON COLUMN archive.document.file_sha256 IS 'Of the whole file as it came.';
COMMENT ON COLUMN archive.document.file_type IS 'Media type, told by the content.';

CREATE TABLE archive.document_part (
    document_id bigint NOT NULL REFERENCES archive.document,
    part        int NOT NULL,
    data        bytea NOT NULL,
    PRIMARY KEY (document_id, part)
);
-- Scans are compressed already.
ALTER TABLE archive.document_part ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE FUNCTION archive.keep_file() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the file of a document does not change' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER keep_file BEFORE UPDATE OF file_name, file_sha256, file_type, file_bytes, file_attached_by, file_attached_at
    ON archive.document FOR EACH ROW WHEN (OLD.file_sha256 IS NOT NULL) EXECUTE FUNCTION archive.keep_file();
CREATE TRIGGER keep_part BEFORE UPDATE OR DELETE ON archive.document_part FOR EACH ROW EXECUTE FUNCTION archive.keep_file();

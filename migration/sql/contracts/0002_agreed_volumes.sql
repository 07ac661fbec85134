-- An agreed volume decides money: it says where it comes from.
ALTER TABLE contracts.point_volume
    ADD COLUMN source text,
    ADD COLUMN document_id bigint REFERENCES archive.document;
CREATE INDEX point_volume_of ON contracts.point_volume (contract_id) WHERE upper_inf(recorded);
COMMENT ON COLUMN contracts.point_volume.source IS 'Nothing for what came with the file of contracts.';

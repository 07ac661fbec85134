-- Who pays for a house that is billed in bulk. The payer has the house's inlets (subscribers.account_point) for the same days.
ALTER TABLE premises.bulk_billing ADD COLUMN payer_id bigint REFERENCES subscribers.account;
COMMENT ON COLUMN premises.bulk_billing.payer_id IS 'The account of the condominium, a legal entity; NULL only for what was recorded before a payer had to be named.';

-- The house meter has counted the water of everybody inside, so nobody inside has a contract of his own while the condominium pays: it
-- would be charged twice. Acts refuse it with words; this holds whoever writes.
CREATE FUNCTION premises.none_inside_bulk() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM premises.bulk_billing k WHERE k.payer_id IS NOT NULL AND upper_inf(k.recorded))
       AND EXISTS (
           SELECT FROM written w
           JOIN subscribers.account a ON a.id = w.account_id AND a.sector = 'legal'
           JOIN premises.point p ON p.id = w.point_id AND p.premise_id IS NOT NULL
           JOIN premises.bulk_billing k ON k.building_id = p.building_id AND k.payer_id IS NOT NULL AND upper_inf(k.recorded)
                AND k.valid && w.valid
           WHERE upper_inf(w.recorded))
    THEN
        RAISE EXCEPTION 'the condominium pays for all water of the house' USING ERRCODE = 'check_violation', CONSTRAINT = 'house_in_bulk';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER none_inside_bulk AFTER INSERT ON subscribers.account_point
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION premises.none_inside_bulk();

-- Useful areas that were set on a document, each with what was known before it: premises.premise has what is known now, and a moment
-- in the past is told by the first row recorded after it.
CREATE TABLE premises.area_set (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    premise_id  bigint NOT NULL REFERENCES premises.premise,
    before_dm2  int,
    area_dm2    int NOT NULL CHECK (area_dm2 > 0),
    document_id bigint NOT NULL REFERENCES archive.document,
    recorded_at timestamptz NOT NULL,
    recorded_by text NOT NULL
);
COMMENT ON TABLE premises.area_set IS 'One row = one act that set the useful area of a premise.';
COMMENT ON COLUMN premises.area_set.before_dm2 IS 'What was known before, in 0.01 m²; NULL where nothing was.';
CREATE INDEX area_set_recorded ON premises.area_set (recorded_at);
CREATE INDEX area_set_premise ON premises.area_set (premise_id);
COMMENT ON COLUMN billing.run_input.bulk_from IS 'Days from here to bulk_to, before the month, are paid by somebody else: of a flat, its house was billed in bulk; of the inlet of a house, it was not its payer''s yet. NULL where there are none.';

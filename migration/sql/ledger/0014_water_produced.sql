-- How much water the city produced in a month, on the document that says so. Known better it is recorded anew; what was known stays.
CREATE TABLE ledger.water_produced (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period      date NOT NULL CHECK (extract(day FROM period) = 1),
    liters      bigint NOT NULL CHECK (liters >= 0),
    document_id bigint NOT NULL REFERENCES archive.document,
    recorded    tstzrange NOT NULL DEFAULT tstzrange(clock_timestamp(), NULL),
    recorded_by text NOT NULL,
    EXCLUDE USING gist (period WITH =, recorded WITH &&)
);
COMMENT ON TABLE ledger.water_produced IS 'Water given into the network in a month (поднято и подано воды).';
COMMENT ON COLUMN ledger.water_produced.liters IS 'Litres of the whole city: pumping stations know no sectors.';
COMMENT ON COLUMN ledger.water_produced.recorded IS 'When it was known; the last version is open.';

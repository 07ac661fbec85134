-- Readings taken back on a document after the cut-off of their month, a closed one among them. What was billed by them stands until a
-- correction; no later month goes on from them.
CREATE TABLE readings.taken_back (
    reading_id  bigint PRIMARY KEY,
    account_id  bigint NOT NULL,
    point_id    bigint NOT NULL,
    meter_id    bigint,
    period      date NOT NULL,
    document_id bigint NOT NULL REFERENCES archive.document,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    recorded_by text NOT NULL
);
COMMENT ON TABLE readings.taken_back IS 'Readings taken back on a document after the cut-off of their month.';
COMMENT ON COLUMN readings.taken_back.period IS 'The billing month that the reading counted for.';
COMMENT ON COLUMN readings.taken_back.document_id IS 'The document that says that the reading was wrong.';

CREATE SCHEMA readings;
CREATE SEQUENCE readings.reading_id;

-- Every reading that ever arrived, each with one verdict. Initial and final readings of installations are here too.
CREATE TABLE readings.reading (
    id          bigint NOT NULL DEFAULT nextval('readings.reading_id'),
    period      date NOT NULL,
    account_id  bigint NOT NULL,
    point_id    bigint NOT NULL,
    meter_id    bigint,
    taken_on    date NOT NULL,
    liters      bigint NOT NULL,
    channel     text NOT NULL,
    verdict     text NOT NULL CHECK (verdict IN ('accepted', 'doubtful', 'rejected', 'superseded', 'withdrawn')),
    reasons     text[] NOT NULL DEFAULT '{}',
    consumption bigint,
    rolled_over boolean NOT NULL DEFAULT false,
    previous_id bigint,
    superseded_by bigint,
    received_at timestamptz NOT NULL DEFAULT now(),
    received_by text NOT NULL,
    decided_by  text,
    act         text CHECK (act IN ('initial', 'final')),
    client_ref  uuid,
    import_batch_id bigint,
    import_line int,
    PRIMARY KEY (account_id, period, id)
) PARTITION BY RANGE (period);
CREATE INDEX reading_by_id ON readings.reading (id);
CREATE INDEX reading_point ON readings.reading (point_id, taken_on DESC, id DESC);
CREATE INDEX reading_batch ON readings.reading (import_batch_id) WHERE import_batch_id IS NOT NULL;
CREATE UNIQUE INDEX reading_client_ref ON readings.reading (client_ref, period) WHERE client_ref IS NOT NULL;
COMMENT ON COLUMN readings.reading.liters IS 'The register in litres (0.001 m³).';
COMMENT ON COLUMN readings.reading.period IS 'The billing month it counts for: a reading after the cut-off counts for the next one.';
COMMENT ON COLUMN readings.reading.act IS 'Set on the readings of an installation and a removal: they start and end a meter''s stay and are no answer to the month.';
COMMENT ON COLUMN readings.reading.account_id IS '0 at a house meter that no account pays for.';
CREATE TABLE readings.reading_default PARTITION OF readings.reading DEFAULT;
INSERT INTO platform.partitioned VALUES ('readings.reading');

-- A version that one person proposed and another has to confirm. No reader of the versions sees it before: it waits here, under
-- the id it will have there, in the columns of its own table.
CREATE TABLE tariffs.proposal (
    id             bigint PRIMARY KEY DEFAULT nextval('tariffs.tariff_id'),
    kind           text NOT NULL,
    service        text,
    consumer_group text,
    amenity        text,
    net            numeric(12, 4) CHECK (net >= 0),
    rate           numeric(5, 4) CHECK (rate BETWEEN 0 AND 1),
    liters         bigint CHECK (liters >= 0),
    mode           text CHECK (mode IN ('whole', 'marginal')),
    bands          jsonb,
    suspended      boolean CHECK (NOT suspended OR bands = '[]'),
    valid          daterange NOT NULL CHECK (NOT isempty(valid)),
    source         text NOT NULL,
    document_id    bigint NOT NULL REFERENCES archive.document,
    demo           boolean NOT NULL DEFAULT false,
    state          text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'confirmed', 'declined', 'withdrawn')),
    proposed_by    text NOT NULL,
    proposed_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    decided_by     text,
    decided_at     timestamptz,
    reason         text,
    CONSTRAINT proposal_says CHECK (CASE kind
        WHEN 'price' THEN num_nulls(service, consumer_group, net) = 0
        WHEN 'vat' THEN rate IS NOT NULL
        WHEN 'norm' THEN num_nulls(amenity, service, liters) = 0
        WHEN 'bands' THEN num_nulls(mode, bands, suspended) = 0
        ELSE false END),
    CONSTRAINT proposal_decided CHECK (num_nulls(decided_by, decided_at) = CASE state WHEN 'proposed' THEN 2 ELSE 0 END),
    CONSTRAINT proposal_two_people CHECK (CASE state
        WHEN 'withdrawn' THEN decided_by = proposed_by
        ELSE decided_by <> proposed_by END),
    CONSTRAINT proposal_waits EXCLUDE USING gist (
        kind WITH =, coalesce(service, '') WITH =, coalesce(consumer_group, '') WITH =, coalesce(amenity, '') WITH =, valid WITH &&
    ) WHERE (state = 'proposed')
);
COMMENT ON COLUMN tariffs.proposal.decided_at IS 'Of a confirmed one: the moment from which the version is known.';
COMMENT ON COLUMN tariffs.proposal.reason IS 'Why it was declined.';

-- Who confirmed a version; recorded_by proposed it. Nobody for published values loaded as reference data.
ALTER TABLE tariffs.price ADD COLUMN confirmed_by text, ADD CHECK (confirmed_by <> recorded_by);
ALTER TABLE tariffs.vat ADD COLUMN confirmed_by text, ADD CHECK (confirmed_by <> recorded_by);
ALTER TABLE tariffs.norm ADD COLUMN confirmed_by text, ADD CHECK (confirmed_by <> recorded_by);
ALTER TABLE tariffs.band ADD COLUMN confirmed_by text, ADD CHECK (confirmed_by <> recorded_by);

CREATE SCHEMA imbalance;

-- One reckoning of the houses of a sector and month: of a run, of its preview, of a what-if scenario. Facts known at `known_at`.
CREATE TABLE imbalance.reckoning (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period     date NOT NULL,
    sector     text NOT NULL,
    purpose    text NOT NULL CHECK (purpose IN ('run', 'preview', 'scenario')),
    purpose_id bigint NOT NULL,
    known_at   timestamptz NOT NULL,
    done_at    timestamptz,
    UNIQUE (purpose, purpose_id, sector)
);
COMMENT ON COLUMN imbalance.reckoning.done_at IS 'Set in the transaction that writes its shares.';

-- What one account bears of the difference of its house: the volume of a line of its bill.
CREATE TABLE imbalance.share (
    period       date NOT NULL,
    account_id   bigint NOT NULL,
    reckoning_id bigint NOT NULL,
    building_id  bigint NOT NULL,
    point_id     bigint NOT NULL,
    meter_id     bigint,
    reading_prev bigint,
    reading_last bigint,
    from_day     date NOT NULL,
    to_day       date NOT NULL,
    liters       bigint NOT NULL,
    whole        bigint NOT NULL,
    weight       bigint NOT NULL,
    weights      bigint NOT NULL,
    PRIMARY KEY (account_id, period, reckoning_id, building_id)
) PARTITION BY RANGE (period);
COMMENT ON COLUMN imbalance.share.point_id IS 'The point of the account that the line is shown at: its first cold one.';
COMMENT ON COLUMN imbalance.share.liters IS 'weight of weights of whole, by largest remainder; the shares of a house add up to whole.';
COMMENT ON COLUMN imbalance.share.to_day IS 'The first day after the interval between the readings of the house meter.';
INSERT INTO platform.partitioned VALUES ('imbalance.share');

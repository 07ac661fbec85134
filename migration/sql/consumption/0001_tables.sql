CREATE SCHEMA consumption;

-- How much a point used in a month, and the chain that the next month stands on: the last billed reading, the measured
-- months before, months without a reading. Written by the run, one row per point and month.
CREATE TABLE consumption.month (
    period      date NOT NULL,
    account_id  bigint NOT NULL,
    point_id    bigint NOT NULL,
    run_id      bigint NOT NULL,
    liters      bigint NOT NULL,
    basis       text NOT NULL,
    meter_id    bigint,
    reading_id  bigint,
    reading_day date,
    reading_liters bigint,
    months_without_reading int NOT NULL,
    provisional bigint NOT NULL,
    history     bigint[] NOT NULL,
    history_period date[] NOT NULL,
    PRIMARY KEY (account_id, period, point_id)
) PARTITION BY RANGE (period);
COMMENT ON COLUMN consumption.month.provisional IS 'Litres billed by average or norm since reading_id for want of a reading: taken off the next measured volume.';
COMMENT ON COLUMN consumption.month.history IS 'Litres of the last measured months, newest first, this one included.';
INSERT INTO platform.partitioned VALUES ('consumption.month');

INSERT INTO meters.meter (model_id, serial, hot, import_batch_id)
SELECT s.model_id, s.serial, s.hot, p.batch FROM stage s, param p WHERE s.meter_id IS NULL ORDER BY s.point_id;
UPDATE stage s SET entity_id = m.id FROM meters.meter m WHERE m.model_id = s.model_id AND m.serial = s.serial;

INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by, seal, import_batch_id)
SELECT s.entity_id, s.point_id, daterange(s.installed_on, NULL), p.label, s.seal, p.batch FROM stage s, param p ORDER BY s.point_id;

INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by, import_batch_id)
SELECT s.entity_id, s.verified_on, s.valid_until, p.label, p.batch FROM stage s, param p ORDER BY s.point_id;

-- Months that a period can be opened for later must not lie in the default partition.
SELECT platform.ensure_partitions(month) FROM (
    SELECT DISTINCT date_trunc('month', s.installed_on)::date AS month FROM stage s
    WHERE s.installed_on >= now() - interval '24 months' ORDER BY 1) months;

-- The reading that the meter's stay starts with.
INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, act, received_by,
                              import_batch_id, import_line)
SELECT date_trunc('month', s.installed_on)::date, coalesce(s.account_id, 0), s.point_id, s.entity_id, s.installed_on, s.initial_m3,
       'operator', 'accepted', 'initial', p.label, p.batch, s.line
FROM stage s, param p ORDER BY s.point_id;

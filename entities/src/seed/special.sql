-- What happens in every city, laid over the registers of the demo once they stand: {first} is the first day of its history, {current} of
-- the month it lives in. Every few hundredth account, so that a small city has some of each and a large one is not slowed down.
INSERT INTO archive.document (kind, number, issued_on, issuer, subject, registered_by) VALUES
    ('act', 'ПЛ-1', {before}, 'Алматы Су', 'Акты осмотра: срыв пломбы', 'seed'),
    ('certificate', 'СП-1', {before}, 'ЦОН', 'Справки о временном отсутствии', 'seed'),
    ('act', 'ПЛ-2', {first}, 'Алматы Су', 'Обмер поливных участков', 'seed'),
    ('contract', 'ОСИ-1', {first}, 'ОСИ', 'Договор с ОСИ на дом в целом', 'seed'),
    ('contract', 'ЛИМ-1', {first}, 'Алматы Су', 'Приложение с лимитами к договору', 'seed')
ON CONFLICT DO NOTHING;

CREATE TEMP TABLE seed_paper ON COMMIT DROP AS
SELECT number, max(id) AS id FROM archive.document WHERE number IN ('ПЛ-1', 'СП-1', 'ПЛ-2', 'ОСИ-1', 'ЛИМ-1') GROUP BY number;

-- Active accounts of flats and houses with their cold point, numbered, and whether a meter stands there.
CREATE TEMP TABLE seed_home ON COMMIT DROP AS
SELECT a.id, a.sector, p.id AS point_id, i.id IS NOT NULL AS metered, row_number() OVER (PARTITION BY a.sector, i.id IS NOT NULL ORDER BY a.id) AS n
FROM subscribers.account a
JOIN subscribers.account_point ap ON ap.account_id = a.id
JOIN premises.point p ON p.id = ap.point_id AND NOT p.hot
LEFT JOIN meters.installation i ON i.point_id = p.id AND upper_inf(i.valid)
WHERE a.sector IN ('multi', 'private') AND a.closed_on IS NULL AND a.opened_on < {first};

INSERT INTO consumption.special (account_id, point_id, kind, valid, diameter_mm, last_check_on, document_id, recorded_by)
SELECT h.id, h.point_id, 'torn_seal', daterange({before} + (n % 7)::int, {before} + (n % 7 + 3 + n % 5)::int), 15, {before} + (n % 7)::int, d.id, 'seed'
FROM seed_home h, seed_paper d WHERE d.number = 'ПЛ-1' AND h.metered AND h.n % 331 = 40;

INSERT INTO consumption.special (account_id, kind, valid, people, document_id, recorded_by)
SELECT h.id, 'absence', daterange({before} + (n % 5)::int, {current} + (5 + n % 15)::int), 1, d.id, 'seed'
FROM seed_home h, seed_paper d WHERE d.number = 'СП-1' AND NOT h.metered AND h.n % 29 = 7;

INSERT INTO premises.plot (point_id, area_dm2, document_id, valid, recorded_by)
SELECT h.point_id, 20000 + h.n % 9 * 10000, d.id, daterange({first}, NULL), 'seed'
FROM seed_home h, seed_paper d WHERE d.number = 'ПЛ-2' AND h.sector = 'private' AND NOT h.metered AND h.n % 2 = 0;

-- The smallest house pays as one, rather one without a meter of its own, where there are others beside it; none that has a legal entity
-- inside, whose water the house meter would count a second time. Its condominium is the last legal entity with a house to itself.
CREATE TEMP TABLE seed_bulk ON COMMIT DROP AS
SELECT b.id AS building_id, b.flats, payer.id AS payer_id, payer.party_id
FROM (
    SELECT b.id, count(*) AS flats FROM premises.building b JOIN subscribers.account a ON a.building_id = b.id AND a.sector = 'multi'
    WHERE b.kind = 'apartment' AND (SELECT count(*) FROM premises.building WHERE kind = 'apartment') > 2
      AND NOT EXISTS (SELECT FROM subscribers.account o WHERE o.building_id = b.id AND o.sector = 'legal')
    GROUP BY b.id
    ORDER BY EXISTS (SELECT FROM premises.point p WHERE p.building_id = b.id AND p.premise_id IS NULL), count(*), b.id LIMIT 1
) b
CROSS JOIN (
    SELECT a.id, h.party_id FROM subscribers.account a
    JOIN premises.building b ON b.id = a.building_id AND b.kind = 'non_residential'
    JOIN subscribers.holder h ON h.account_id = a.id AND upper_inf(h.valid) AND upper_inf(h.recorded)
    WHERE a.sector = 'legal' AND a.consumer_group = 'other' AND a.closed_on IS NULL AND a.opened_on < {first}
    ORDER BY a.id DESC LIMIT 1
) payer;

UPDATE subscribers.party SET name = 'ОСИ «Достык»' FROM seed_bulk h WHERE party.id = h.party_id;

INSERT INTO premises.bulk_billing (building_id, payer_id, document_id, valid, recorded_by)
SELECT h.building_id, h.payer_id, d.id, daterange({first}, NULL), 'seed' FROM seed_bulk h, seed_paper d WHERE d.number = 'ОСИ-1';

-- Where it has no meter of its own it gets one, read on the 24th of each month: nine cubic metres of each flat, more in summer.
CREATE TEMP TABLE seed_bare ON COMMIT DROP AS
SELECT h.building_id, h.flats FROM seed_bulk h
WHERE NOT EXISTS (SELECT FROM premises.point p WHERE p.building_id = h.building_id AND p.premise_id IS NULL);

INSERT INTO premises.point (building_id) SELECT building_id FROM seed_bare;

CREATE TEMP TABLE seed_inlet ON COMMIT DROP AS
SELECT p.id, p.building_id, h.payer_id, b.flats AS bare FROM seed_bulk h
JOIN premises.point p ON p.building_id = h.building_id AND p.premise_id IS NULL
LEFT JOIN seed_bare b ON b.building_id = h.building_id;

INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
SELECT id, true, true, 'household', daterange('2000-01-01', NULL), 'seed' FROM seed_inlet WHERE bare IS NOT NULL;

INSERT INTO meters.meter (model_id, serial)
SELECT (SELECT id FROM meters.model ORDER BY diameter_mm DESC, id LIMIT 1), 'ОДПУ-' || id FROM seed_inlet WHERE bare IS NOT NULL;

CREATE TEMP TABLE seed_bulk_meter ON COMMIT DROP AS
SELECT m.id, i.id AS point_id, i.bare FROM seed_inlet i JOIN meters.meter m ON m.serial = 'ОДПУ-' || i.id WHERE i.bare IS NOT NULL;

INSERT INTO meters.installation (meter_id, point_id, valid, recorded_by)
SELECT id, point_id, daterange({first} - 90, NULL), 'seed' FROM seed_bulk_meter;

INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by)
SELECT id, {first} - 120, ({current} + interval '4 years')::date, 'seed' FROM seed_bulk_meter;

INSERT INTO readings.reading (period, account_id, point_id, meter_id, taken_on, liters, channel, verdict, consumption, received_by)
SELECT r.period, 0, r.point_id, r.meter_id, r.period + 23, 20000000 + sum(r.used) OVER (PARTITION BY r.meter_id ORDER BY r.period), 'telemetry',
       'accepted', CASE WHEN r.period >= {first} THEN r.used END, 'seed'
FROM (
    SELECT m.id AS meter_id, m.point_id, s.month::date AS period,
           m.bare * (9000 + CASE WHEN extract(month FROM s.month) BETWEEN 5 AND 9 THEN 1500 ELSE 0 END) AS used
    FROM seed_bulk_meter m
    CROSS JOIN generate_series({first}::timestamp - interval '1 month', {current}::timestamp, interval '1 month') AS s (month)
) r;

INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
SELECT payer_id, id, daterange({first}, NULL), 'seed' FROM seed_inlet;

-- The first legal entity with a house of its own has four objects more, by agreed volumes, and limits by an annex.
CREATE TEMP TABLE seed_firm ON COMMIT DROP AS
SELECT a.id, a.building_id, c.id AS contract_id, greatest(a.opened_on, {first}) AS since
FROM subscribers.account a
JOIN premises.building b ON b.id = a.building_id AND b.kind = 'non_residential'
JOIN contracts.contract c ON c.account_id = a.id AND upper_inf(c.recorded) AND c.valid @> {first}
WHERE a.sector = 'legal' ORDER BY a.id LIMIT 1;

INSERT INTO premises.premise (building_id, number, kind, area_dm2)
SELECT f.building_id, 'Объект ' || n, 'non_residential', 12000 FROM seed_firm f, generate_series(2, 5) n;

INSERT INTO premises.point (building_id, premise_id)
SELECT p.building_id, p.id FROM premises.premise p JOIN seed_firm f USING (building_id) WHERE p.number LIKE 'Объект %';

CREATE TEMP TABLE seed_object ON COMMIT DROP AS
SELECT f.id AS account_id, f.contract_id, f.since, t.id AS point_id, row_number() OVER (ORDER BY t.id) AS n
FROM seed_firm f JOIN premises.point t USING (building_id) JOIN premises.premise p ON p.id = t.premise_id AND p.number LIKE 'Объект %';

INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
SELECT point_id, true, true, 'household', daterange('2000-01-01', NULL), 'seed' FROM seed_object;

INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
SELECT account_id, point_id, daterange(since, NULL), 'seed' FROM seed_object;

INSERT INTO contracts.point_volume (contract_id, point_id, liters, source, document_id, valid, recorded_by)
SELECT o.contract_id, o.point_id, 5000 + o.n * 4000, 'приложение № 1', d.id, daterange(o.since, NULL), 'seed'
FROM seed_object o, seed_paper d WHERE d.number = 'ЛИМ-1';

INSERT INTO contracts.consumption_limit (contract_id, service, month_liters, year_liters, source, document_id, valid, recorded_by)
SELECT f.contract_id, 'water', 60000, 640000, 'приложение № 1', d.id, daterange({first}, NULL), 'seed'
FROM seed_firm f, seed_paper d WHERE d.number = 'ЛИМ-1';

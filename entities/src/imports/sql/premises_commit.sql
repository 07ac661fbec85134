INSERT INTO premises.street (code, name_kk, name_ru, import_batch_id)
SELECT DISTINCT ON (s.street_code) s.street_code, s.street_kk, s.street_ru, p.batch
FROM stage s, param p WHERE s.street_id IS NULL ORDER BY s.street_code, s.line;
UPDATE stage s SET street_id = t.id FROM premises.street t WHERE s.street_id IS NULL AND t.code = s.street_code;

INSERT INTO premises.building (district_id, street_id, house, kind, import_batch_id)
SELECT DISTINCT ON (s.street_id, s.house) s.district_id, s.street_id, s.house, s.building_kind, p.batch
FROM stage s, param p WHERE s.building_id IS NULL ORDER BY s.street_id, s.house, s.line;
UPDATE stage s SET building_id = b.id
FROM premises.building b WHERE s.building_id IS NULL AND b.street_id = s.street_id AND b.house = s.house;

INSERT INTO premises.premise (building_id, number, kind, area_dm2, import_batch_id)
SELECT s.building_id, coalesce(s.premise, ''), s.premise_kind, s.area_m2, p.batch
FROM stage s, param p ORDER BY s.building_id, s.line;
UPDATE stage s SET entity_id = p.id
FROM premises.premise p WHERE p.building_id = s.building_id AND p.number = coalesce(s.premise, '');

-- A cold inlet where cold water comes in or goes out, a hot one where hot water goes out.
WITH inlet AS (
    INSERT INTO premises.point (building_id, premise_id, hot, import_batch_id)
    SELECT s.building_id, s.entity_id, kind.hot, p.batch
    FROM stage s CROSS JOIN param p CROSS JOIN (VALUES (false), (true)) AS kind (hot)
    WHERE CASE WHEN kind.hot THEN s.hot_sewerage ELSE s.cold_water OR s.sewerage END
    ORDER BY s.building_id, s.entity_id, kind.hot
    RETURNING id, premise_id, hot
)
INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
SELECT i.id, NOT i.hot AND s.cold_water, i.hot OR s.sewerage, s.amenity, daterange(coalesce(s."from", p.supplied_from), NULL), p.label
FROM inlet i JOIN stage s ON s.entity_id = i.premise_id CROSS JOIN param p;

-- The house meter's place, once per house.
WITH house AS (
    SELECT DISTINCT ON (s.building_id) s.building_id, s.amenity, coalesce(s."from", p.supplied_from) AS since
    FROM stage s, param p
    WHERE s.house_meter
      AND NOT EXISTS (SELECT FROM premises.point t WHERE t.building_id = s.building_id AND t.premise_id IS NULL)
    ORDER BY s.building_id, s.line
), inlet AS (
    INSERT INTO premises.point (building_id, premise_id, hot, import_batch_id)
    SELECT building_id, NULL, false, p.batch FROM house, param p ORDER BY building_id
    RETURNING id, building_id
)
INSERT INTO premises.point_service (point_id, water, sewerage, amenity, valid, recorded_by)
SELECT i.id, true, true, h.amenity, daterange(h.since, NULL), p.label
FROM inlet i JOIN house h USING (building_id) CROSS JOIN param p;

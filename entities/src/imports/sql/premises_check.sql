UPDATE stage s SET district_id = known.id
FROM (SELECT DISTINCT ON (written.district) written.district, d.id
      FROM (SELECT DISTINCT district FROM stage) written
      JOIN premises.district d ON platform.fold(written.district) IN
           (platform.fold(d.code), platform.fold(d.name_kk), platform.fold(d.name_ru), platform.fold(d.name_en))
      JOIN param p ON p.districts IS NULL OR d.id = ANY (p.districts)
      ORDER BY written.district, d.id) known
WHERE known.district = s.district;
UPDATE stage s SET street_id = t.id FROM premises.street t WHERE t.code = s.street_code;
UPDATE stage s SET building_id = b.id FROM premises.building b WHERE b.street_id = s.street_id AND b.house = s.house;
UPDATE stage s SET premise_id = p.id
FROM premises.premise p WHERE p.building_id = s.building_id AND p.number = coalesce(s.premise, '');

INSERT INTO problem
SELECT line, 'UNKNOWN_DISTRICT', 'district', 'rejected' FROM stage WHERE district IS NOT NULL AND district_id IS NULL
UNION ALL
SELECT line, 'NOTHING_SUPPLIED', 'cold_water', 'rejected' FROM stage WHERE NOT (cold_water OR sewerage OR hot_sewerage)
UNION ALL
SELECT s.line, 'BUILDING_DIFFERS', 'district', 'rejected'
FROM stage s JOIN premises.building b ON b.id = s.building_id
WHERE s.district_id IS NOT NULL AND (b.district_id <> s.district_id OR b.kind <> s.building_kind)
UNION ALL
SELECT s.line, 'STREET_DIFFERS', 'street_ru', 'warning'
FROM stage s JOIN premises.street t ON t.id = s.street_id
WHERE (t.name_kk, t.name_ru) <> (s.street_kk, s.street_ru)
UNION ALL
SELECT line, 'ALREADY_THERE', 'premise', 'duplicate' FROM stage WHERE premise_id IS NOT NULL;

-- Rows of the file against each other: a wrong row takes nothing from a right one.
INSERT INTO problem
SELECT line, 'BUILDING_DIFFERS', 'district', 'rejected'
FROM (SELECT line, building_id, (district_id, building_kind) <> first_value((district_id, building_kind)) OVER house AS differs
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level = 'rejected')
      WINDOW house AS (PARTITION BY street_code, house ORDER BY line)) rows
WHERE differs AND building_id IS NULL;
INSERT INTO problem
SELECT line, 'REPEATED_IN_FILE', 'premise', 'duplicate'
FROM (SELECT line, row_number() OVER (PARTITION BY street_code, house, coalesce(premise, '') ORDER BY line) AS place
      FROM stage s WHERE NOT EXISTS (SELECT FROM problem p WHERE p.line = s.line AND p.level = 'rejected')) rows
WHERE place > 1;

-- Finds the house of each row that gives one, in the districts that the importer may see.
UPDATE stage s SET street_id = t.id FROM premises.street t WHERE t.code = s.street_code;

UPDATE stage s SET building_id = b.id, district_id = b.district_id
FROM premises.building b, param p
WHERE b.street_id = s.street_id AND b.house = s.house
  AND (p.districts IS NULL OR b.district_id = ANY (p.districts));

INSERT INTO problem
SELECT line, 'UNKNOWN_STREET', 'street_code', 'rejected' FROM stage WHERE street_code IS NOT NULL AND street_id IS NULL
UNION ALL
SELECT line, 'UNKNOWN_BUILDING', 'house', 'rejected' FROM stage
WHERE street_id IS NOT NULL AND house IS NOT NULL AND building_id IS NULL;

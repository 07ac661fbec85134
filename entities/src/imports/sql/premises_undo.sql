-- With the inlets that clerks added to its premises.
CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT t.id FROM premises.point t, param p WHERE t.import_batch_id = p.batch
UNION
SELECT t.id FROM premises.premise h JOIN premises.point t ON t.premise_id = h.id, param p WHERE h.import_batch_id = p.batch;

DELETE FROM meters.installation i USING gone WHERE i.point_id = gone.id;
DELETE FROM premises.point_service s USING gone WHERE s.point_id = gone.id;
DELETE FROM premises.point t USING gone WHERE t.id = gone.id;
DELETE FROM premises.area_set s USING premises.premise t, param p WHERE s.premise_id = t.id AND t.import_batch_id = p.batch;
DELETE FROM premises.premise t USING param p WHERE t.import_batch_id = p.batch;
-- Houses and streets that later files or clerks built upon stay.
DELETE FROM premises.building b USING param p
WHERE b.import_batch_id = p.batch
  AND NOT EXISTS (SELECT FROM premises.premise t WHERE t.building_id = b.id)
  AND NOT EXISTS (SELECT FROM premises.point t WHERE t.building_id = b.id);
DELETE FROM premises.street s USING param p
WHERE s.import_batch_id = p.batch AND NOT EXISTS (SELECT FROM premises.building b WHERE b.street_id = s.id);

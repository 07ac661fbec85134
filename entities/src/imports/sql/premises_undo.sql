DELETE FROM meters.installation i USING premises.point t, param p WHERE i.point_id = t.id AND t.import_batch_id = p.batch;
DELETE FROM premises.point_service s USING premises.point t, param p WHERE s.point_id = t.id AND t.import_batch_id = p.batch;
DELETE FROM premises.point t USING param p WHERE t.import_batch_id = p.batch;
DELETE FROM premises.area_set s USING premises.premise t, param p WHERE s.premise_id = t.id AND t.import_batch_id = p.batch;
DELETE FROM premises.premise t USING param p WHERE t.import_batch_id = p.batch;
-- Houses and streets that later files or clerks built upon stay.
DELETE FROM premises.building b USING param p
WHERE b.import_batch_id = p.batch
  AND NOT EXISTS (SELECT FROM premises.premise t WHERE t.building_id = b.id)
  AND NOT EXISTS (SELECT FROM premises.point t WHERE t.building_id = b.id);
DELETE FROM premises.street s USING param p
WHERE s.import_batch_id = p.batch AND NOT EXISTS (SELECT FROM premises.building b WHERE b.street_id = s.id);

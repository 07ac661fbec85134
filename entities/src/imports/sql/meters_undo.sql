DELETE FROM readings.reading r USING param p WHERE r.import_batch_id = p.batch AND r.act = 'initial';
DELETE FROM meters.verification v USING param p WHERE v.import_batch_id = p.batch;
DELETE FROM meters.installation i USING param p WHERE i.import_batch_id = p.batch;
DELETE FROM meters.meter m USING param p
WHERE m.import_batch_id = p.batch
  AND NOT EXISTS (SELECT FROM meters.installation i WHERE i.meter_id = m.id)
  AND NOT EXISTS (SELECT FROM meters.verification v WHERE v.meter_id = m.id);

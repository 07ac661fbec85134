DELETE FROM contracts.point_volume v USING contracts.contract c, param p WHERE v.contract_id = c.id AND c.import_batch_id = p.batch;
DELETE FROM contracts.contract c USING param p WHERE c.import_batch_id = p.batch;

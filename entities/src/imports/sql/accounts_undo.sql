CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT a.id FROM subscribers.account a, param p WHERE a.import_batch_id = p.batch;

DELETE FROM subscribers.residency r USING gone WHERE r.account_id = gone.id;
DELETE FROM subscribers.consumer_group g USING gone WHERE g.account_id = gone.id;
DELETE FROM subscribers.account_point o USING gone WHERE o.account_id = gone.id;
DELETE FROM subscribers.holder h USING gone WHERE h.account_id = gone.id;
DELETE FROM subscribers.old_number o USING gone WHERE o.account_id = gone.id;
DELETE FROM subscribers.account a USING gone WHERE a.id = gone.id;
DELETE FROM subscribers.party t USING param p
WHERE t.import_batch_id = p.batch
  AND NOT EXISTS (SELECT FROM subscribers.holder h WHERE h.party_id = t.id)
  AND NOT EXISTS (SELECT FROM contracts.contract c WHERE c.party_id = t.id);

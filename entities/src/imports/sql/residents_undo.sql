-- The batch was recorded in one transaction: what it closed then is what it replaced.
CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT r.id, r.account_id, lower(r.recorded) AS since FROM subscribers.residency r, param p WHERE r.import_batch_id = p.batch;

UPDATE subscribers.residency r SET recorded = tstzrange(lower(r.recorded), now()) FROM gone WHERE r.id = gone.id;
INSERT INTO subscribers.residency (account_id, residents, source, valid, recorded_by, document_id)
SELECT DISTINCT ON (r.id) r.account_id, r.residents, r.source, r.valid, p.label, r.document_id
FROM subscribers.residency r JOIN gone ON gone.account_id = r.account_id AND upper(r.recorded) = gone.since CROSS JOIN param p;

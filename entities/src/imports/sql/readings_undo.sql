-- What the batch had replaced counts again, unless something else took that place meanwhile.
UPDATE readings.reading r SET verdict = 'accepted', superseded_by = NULL
FROM readings.reading own, param p
WHERE own.import_batch_id = p.batch AND own.verdict = 'accepted' AND r.superseded_by = own.id AND r.verdict = 'superseded'
  AND r.account_id = own.account_id AND r.period = own.period AND r.import_batch_id IS DISTINCT FROM p.batch;

UPDATE readings.reading r SET verdict = 'withdrawn', decided_by = p.label FROM param p WHERE r.import_batch_id = p.batch;

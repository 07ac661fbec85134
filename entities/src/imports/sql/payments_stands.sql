-- What stands on the batch and keeps it from being taken back: code and count. A payment reversed by itself holds nothing.
WITH own AS (
    SELECT p.id, p.account_id, p.period, p.sector FROM payments.payment p
    WHERE p.import_batch_id = $1 AND p.reverses IS NULL
      AND NOT EXISTS (SELECT FROM payments.payment r WHERE r.reverses = p.id)
)
SELECT 'CLOSED_MONTHS' AS code, count(*) AS count
FROM own JOIN ledger.period l ON l.period = own.period AND l.sector = own.sector AND l.status = 'closed'
UNION ALL
-- What was paid ahead has covered later bills or was given back.
SELECT 'ADVANCES', count(*)
FROM own JOIN ledger.open_item o ON o.account_id = own.account_id AND o.source = 'payment' AND o.source_id = own.id
WHERE o.settled <> 0
UNION ALL
-- What a payment had covered is covered by it no longer.
SELECT 'REALLOCATIONS', count(*)
FROM (SELECT s.account_id, s.open_item_id, sum(s.amount) AS amount
      FROM own JOIN ledger.settlement s ON s.source = 'payment' AND s.source_id = own.id AND s.account_id = own.account_id
      GROUP BY 1, 2) part
JOIN ledger.open_item o ON o.account_id = part.account_id AND o.id = part.open_item_id
WHERE o.settled < part.amount

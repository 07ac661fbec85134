-- What stands on the batch and keeps it from being taken back: code and count.
WITH own AS (
    SELECT o.account_id, o.id, o.sector, o.settled FROM imports.row r
    JOIN ledger.open_item o ON o.id = r.entity_id AND o.source = 'opening' AND o.source_id = $1
    WHERE r.batch_id = $1 AND r.verdict = 'committed'
)
SELECT 'PAYMENTS' AS code, count(*) AS count
FROM own WHERE settled <> 0
UNION ALL
SELECT 'CLOSED_MONTHS', count(*)
FROM (SELECT DISTINCT account_id, sector FROM own) own
JOIN ledger.entry e ON e.account_id = own.account_id AND e.source = 'opening' AND e.source_id = $1
JOIN ledger.period l ON l.period = e.period AND l.sector = own.sector AND l.status = 'closed'

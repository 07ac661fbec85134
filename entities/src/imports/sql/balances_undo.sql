CREATE TEMP TABLE gone ON COMMIT DROP AS
SELECT o.account_id, o.id, o.amount FROM imports.row r
JOIN param p ON r.batch_id = p.batch
JOIN ledger.open_item o ON o.id = r.entity_id AND o.source = 'opening' AND o.source_id = p.batch
WHERE r.verdict = 'committed';

-- The ledger forgets nothing: what was posted is posted the other way round, in the same month.
CREATE TEMP TABLE posted ON COMMIT DROP AS
SELECT e.* FROM ledger.entry e, param p
WHERE e.source = 'opening' AND e.source_id = p.batch AND e.account_id IN (SELECT account_id FROM gone);
UPDATE ledger.account_total t SET amount = t.amount - taken.amount
FROM (SELECT g.account_id, month.period, sum(g.amount) AS amount
      FROM gone g JOIN (SELECT DISTINCT account_id, period FROM posted) month USING (account_id) GROUP BY 1, 2) taken
WHERE t.account_id = taken.account_id AND t.period = taken.period AND t.kind = 'opening';
INSERT INTO ledger.entry (period, sector, account_id, posted_on, debit, credit, amount, service, component, origin, source, source_id)
SELECT e.period, e.sector, e.account_id, p.today, e.credit, e.debit, e.amount, e.service, e.component, e.origin, e.source, e.source_id
FROM posted e, param p;
-- An item that was paid and whose payment was taken back keeps its story; it is worth nothing.
UPDATE ledger.open_item o SET amount = 0 FROM gone
WHERE o.account_id = gone.account_id AND o.id = gone.id
  AND EXISTS (SELECT FROM ledger.settlement s WHERE s.account_id = o.account_id AND s.open_item_id = o.id);
DELETE FROM ledger.open_item o USING gone WHERE o.account_id = gone.account_id AND o.id = gone.id AND o.amount <> 0;

-- What stands on the batch and keeps it from being taken back: code and count.
WITH own AS (SELECT id FROM subscribers.account WHERE import_batch_id = $1)
SELECT 'BILLS' AS code, count(*) AS count FROM billing.bill b JOIN own ON own.id = b.account_id WHERE NOT b.reversed
UNION ALL
SELECT 'PAYMENTS', count(*) FROM payments.payment p JOIN own ON own.id = p.account_id
UNION ALL
SELECT 'DEBTS', count(*) FROM ledger.open_item o JOIN own ON own.id = o.account_id
UNION ALL
-- A reading that was taken back holds nothing.
SELECT 'READINGS', count(*) FROM readings.reading r JOIN own ON own.id = r.account_id WHERE r.verdict <> 'withdrawn'
UNION ALL
SELECT 'CONTRACTS', count(*) FROM contracts.contract c JOIN own ON own.id = c.account_id
UNION ALL
SELECT 'RESIDENTS', count(*) FROM subscribers.residency r JOIN own ON own.id = r.account_id WHERE upper_inf(r.recorded)
UNION ALL
SELECT 'HOLDERS', greatest(count(*) - count(DISTINCT h.account_id), 0)
FROM subscribers.holder h JOIN own ON own.id = h.account_id WHERE upper_inf(h.recorded)

-- One row per rate of VAT charged by the run of the month, then what else moved VAT in the ledger, then what the ledger says, in tiyn.
WITH entry AS (
    SELECT source, CASE WHEN credit = 'vat_payable' THEN amount ELSE -amount END AS vat FROM ledger.entry
    WHERE sector = $2 AND period = $1::date AND 'vat_payable' IN (debit, credit)
)
SELECT 'run' AS source, (l.vat_rate / 10000.0)::numeric(6, 4)::text AS rate, count(*) AS lines,
       sum(l.net)::bigint AS net, sum(l.vat)::bigint AS vat, sum(l.gross)::bigint AS gross
FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id
WHERE l.period = $1::date AND r.period = $1::date AND r.sector = $2 AND r.state IN ('posted', 'issued')
GROUP BY l.vat_rate
UNION ALL
SELECT source, NULL, count(*), NULL, sum(vat)::bigint, NULL FROM entry WHERE source NOT IN ('run', 'run_reversal') GROUP BY source
UNION ALL
SELECT 'ledger', NULL, count(*), NULL, coalesce(sum(vat), 0)::bigint, NULL FROM entry

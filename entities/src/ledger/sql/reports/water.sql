-- One row per basis of the water of the month: what the run billed, and what recalculations that were posted or taken back in the month
-- changed of it; then what the house meters showed; then, where it was recorded, what the city produced, what all sectors were billed of it
-- and the difference, which was lost. Litres and tiyn.
WITH touched AS MATERIALIZED (
    SELECT DISTINCT sector, source_id, account_id FROM ledger.entry
    WHERE period = $1::date AND source = 'correction' AND source_id > 0
),
-- Volumes go with the first entries of a recalculation, whatever is staged of its money, and go back with the last.
moved AS (
    SELECT t.sector, t.source_id, t.account_id,
           CASE WHEN EXISTS (SELECT FROM ledger.entry e WHERE e.account_id = t.account_id AND e.period < $1::date
                                                          AND e.source = 'correction' AND e.source_id = t.source_id) THEN 0 ELSE 1 END
           - CASE WHEN c.state IN ('reversing', 'reversed')
                   AND NOT EXISTS (SELECT FROM ledger.entry e WHERE e.account_id = t.account_id AND e.period > $1::date
                                                                AND e.source = 'correction' AND e.source_id = t.source_id)
                  THEN 1 ELSE 0 END AS sign
    FROM touched t JOIN billing.correction c ON c.id = t.source_id
),
recalculated AS (
    SELECT m.sector, l.basis, sum(CASE l.side WHEN 'plus' THEN l.liters ELSE -l.liters END * m.sign) AS liters
    FROM moved m JOIN billing.correction_line l ON l.correction_id = m.source_id AND l.account_id = m.account_id
    WHERE m.sign <> 0 AND l.service = 'water' GROUP BY 1, 2
),
billed AS (
    SELECT r.sector, l.basis, count(DISTINCT l.account_id) AS accounts, sum(l.liters) AS liters, sum(l.gross) AS gross
    FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id
    WHERE l.period = $1::date AND l.service = 'water' AND r.period = $1::date AND r.state IN ('posted', 'issued')
    GROUP BY 1, 2
),
told AS (
    SELECT p.liters, (SELECT coalesce(sum(b.liters), 0) FROM billed b) AS billed,
           (SELECT coalesce(sum(r.liters), 0) FROM recalculated r) AS recalculated
    FROM ledger.water_produced p WHERE p.period = $1::date AND upper_inf(p.recorded)
)
SELECT basis, coalesce(b.accounts, 0) AS accounts, coalesce(b.liters, 0)::bigint AS liters, coalesce(b.gross, 0)::bigint AS gross,
       coalesce(r.liters, 0)::bigint AS recalculated
FROM (SELECT * FROM billed WHERE sector = $2) b FULL JOIN (SELECT * FROM recalculated WHERE sector = $2 AND liters <> 0) r USING (basis)
UNION ALL
SELECT 'house_meters', count(DISTINCT r.point_id), coalesce(sum(r.consumption), 0)::bigint, NULL, NULL
FROM readings.reading r JOIN premises.point p ON p.id = r.point_id
WHERE r.period = $1::date AND r.verdict = 'accepted' AND p.premise_id IS NULL AND $2 = 'multi'
HAVING count(*) > 0
UNION ALL
SELECT 'produced', NULL, liters, NULL, NULL FROM told
UNION ALL
SELECT 'billed_by_all', NULL, billed::bigint, NULL, recalculated::bigint FROM told
UNION ALL
SELECT 'losses', NULL, (liters - billed - recalculated)::bigint, NULL, NULL FROM told

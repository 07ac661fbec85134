-- One row per basis of the water billed in the month, then what the house meters showed: litres and tiyn.
SELECT l.basis, count(DISTINCT l.account_id) AS accounts, sum(l.liters)::bigint AS liters, sum(l.gross)::bigint AS gross
FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id
WHERE l.period = $1::date AND l.service = 'water' AND r.period = $1::date AND r.sector = $2 AND r.state IN ('posted', 'issued')
GROUP BY l.basis
UNION ALL
SELECT 'house_meters', count(DISTINCT r.point_id), coalesce(sum(r.consumption), 0)::bigint, NULL
FROM readings.reading r JOIN premises.point p ON p.id = r.point_id
WHERE r.period = $1::date AND r.verdict = 'accepted' AND p.premise_id IS NULL AND $2 = 'multi'
HAVING count(*) > 0

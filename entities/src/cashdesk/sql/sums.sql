-- One row per desk, cashier, sector or day ({of}): what subscribers paid over the counter and got back, by means.
SELECT {of} AS of,
       (count(DISTINCT o.id) FILTER (WHERE o.kind = 'sale') - count(DISTINCT o.id) FILTER (WHERE o.kind = 'void'))::bigint AS sales,
       coalesce(sum(CASE o.kind WHEN 'sale' THEN l.cash WHEN 'void' THEN -l.cash END), 0)::bigint AS cash,
       coalesce(sum(CASE o.kind WHEN 'sale' THEN l.card WHEN 'void' THEN -l.card END), 0)::bigint AS card,
       (count(DISTINCT o.id) FILTER (WHERE o.kind = 'refund'))::bigint AS refunds,
       coalesce(sum(l.cash) FILTER (WHERE o.kind = 'refund'), 0)::bigint AS refunded_cash,
       coalesce(sum(l.card) FILTER (WHERE o.kind = 'refund'), 0)::bigint AS refunded_card
FROM cashdesk.operation o
JOIN cashdesk.operation_line l ON l.operation_id = o.id
JOIN cashdesk.shift s ON s.id = o.shift_id
JOIN cashdesk.desk d ON d.id = o.desk_id
WHERE ($1::text IS NULL OR $1 = ANY (d.cashiers)) AND o.on_day BETWEEN $2 AND $3
GROUP BY 1
ORDER BY 1
LIMIT 1000

-- One row: a month of a sector within the scope. $1 sectors, $2 districts, $3 the last month.
SELECT period, sector,
       coalesce(sum(amount) FILTER (WHERE kind = 'charge'), 0)::bigint AS charged,
       coalesce(-sum(amount) FILTER (WHERE kind = 'payment'), 0)::bigint AS paid
FROM stats.turnover
WHERE period BETWEEN $3::date - interval '12 months' AND $3
  AND ($1::text[] IS NULL OR sector = ANY ($1)) AND ($2::bigint[] IS NULL OR district_id = ANY ($2))
GROUP BY 1, 2 ORDER BY 1, 2

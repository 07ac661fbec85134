-- One row: a month of the scope. $1 sectors, $2 districts, $3 the last month.
SELECT period,
       coalesce(sum(amount) FILTER (WHERE kind = 'charge'), 0)::bigint AS charged,
       coalesce(-sum(amount) FILTER (WHERE kind = 'payment'), 0)::bigint AS paid
FROM stats.turnover
WHERE period BETWEEN $3::date - interval '12 months' AND $3
  AND ($1::text[] IS NULL OR sector = ANY ($1)) AND ($2::bigint[] IS NULL OR district_id = ANY ($2))
GROUP BY 1 ORDER BY 1

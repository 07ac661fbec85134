-- One row: an age of what a sector owes, in whole months past the due day. $1 sectors, $2 districts, $3 today.
SELECT months, sector, sum(owed)::bigint AS owed
FROM (
    SELECT least(12, greatest(0, extract(year FROM age($3, due_on)) * 12 + extract(month FROM age($3, due_on))))::int AS months,
           sector, owed
    FROM stats.receivable r
    WHERE NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = 'run' AND h.source_id = r.run_id)
      AND ($1::text[] IS NULL OR sector = ANY ($1)) AND ($2::bigint[] IS NULL OR district_id = ANY ($2))
) aged
GROUP BY 1, 2 HAVING sum(owed) <> 0 ORDER BY 1, 2

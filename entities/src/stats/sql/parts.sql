-- One row: a district and sector of the scope. $1 sectors, $2 districts, $3 month, $4 today, $5 the moment today began.
WITH seen AS (
    SELECT district_id, sector, sum(amount) FILTER (WHERE kind = 'charge') AS charged,
           -sum(amount) FILTER (WHERE kind = 'payment') AS paid, NULL::numeric AS owed, NULL::numeric AS overdue,
           NULL::numeric AS advance, NULL::bigint AS accepted, NULL::bigint AS doubtful, NULL::bigint AS rejected
    FROM stats.turnover WHERE period = $3 GROUP BY 1, 2
    UNION ALL
    SELECT district_id, sector, NULL, NULL, sum(owed), sum(owed) FILTER (WHERE due_on < $4), sum(advance), NULL, NULL, NULL
    FROM stats.receivable r
    WHERE NOT EXISTS (SELECT FROM ledger.hold h WHERE h.source = 'run' AND h.source_id = r.run_id)
    GROUP BY 1, 2
    UNION ALL
    SELECT a.district_id, a.sector, NULL, NULL, NULL, NULL, NULL,
           count(*) FILTER (WHERE r.verdict IN ('accepted', 'superseded')),
           count(*) FILTER (WHERE r.verdict = 'doubtful'),
           count(*) FILTER (WHERE r.verdict = 'rejected')
    FROM readings.reading r JOIN subscribers.account a ON a.id = r.account_id
    WHERE r.received_at >= $5 AND r.act IS NULL GROUP BY 1, 2
)
SELECT seen.district_id, d.code AS district, d.name_kk, d.name_ru, d.name_en, sector,
       coalesce(sum(charged), 0)::bigint AS charged,
       coalesce(sum(paid), 0)::bigint AS paid,
       coalesce(sum(owed), 0)::bigint AS owed,
       coalesce(sum(overdue), 0)::bigint AS overdue,
       coalesce(sum(advance), 0)::bigint AS advance,
       coalesce(sum(accepted), 0)::bigint AS accepted,
       coalesce(sum(doubtful), 0)::bigint AS doubtful,
       coalesce(sum(rejected), 0)::bigint AS rejected
FROM seen JOIN premises.district d ON d.id = seen.district_id
WHERE ($1::text[] IS NULL OR sector = ANY ($1)) AND ($2::bigint[] IS NULL OR seen.district_id = ANY ($2))
GROUP BY seen.district_id, d.id, sector ORDER BY seen.district_id, sector

-- One row = one wished change: its account on the day, whether a closed month would be touched, and how many residents it says now.
SELECT w.n, a.id AS account_id, a.sector,
       a.opened_on > w.day OR coalesce(a.closed_on <= w.day, false) AS gone,
       coalesce(w.day < (SELECT (max(p.period) + interval '1 month')::date FROM ledger.period p
                         WHERE p.sector = a.sector AND p.status = 'closed'), false) AS closed,
       r.residents
FROM unnest($1::int[], $2::bigint[], $3::date[]) AS w (n, account_id, day)
JOIN subscribers.account a ON a.id = w.account_id
LEFT JOIN subscribers.residency r ON r.account_id = a.id AND upper_inf(r.recorded) AND r.valid @> w.day

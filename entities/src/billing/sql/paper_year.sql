-- One output row = one month of a bill's account, of the twelve up to the bill's own: litres by service, and whether meters
-- showed all of it. $3, the runs, only narrows the bill's own month to its own run.
SELECT l.account_id, b.period AS bill_period, l.period,
       sum(l.liters) FILTER (WHERE l.service = 'water')::bigint AS water,
       sum(l.liters) FILTER (WHERE l.service <> 'water')::bigint AS sewerage,
       bool_and(l.basis IN ('metered', 'unsettled') OR (l.basis = 'over_limit' AND l.reading_last IS NOT NULL)) AS measured
FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS b (account_id, period, run_id)
JOIN billing.charge_line l ON l.account_id = b.account_id AND l.component = 'charge'
 AND l.period > b.period - interval '12 months' AND l.period <= b.period
JOIN billing.run r ON r.id = l.run_id AND (r.id = b.run_id OR (r.state = 'issued' AND l.period < b.period))
GROUP BY l.account_id, b.period, l.period

-- One row per source and rate of VAT: the run of the month by its lines; recalculations, their stages and reversals, and one-off charges by
-- the rates of their own lines; what else moved VAT in the ledger; then what the ledger says. Tiyn.
WITH entry AS (
    SELECT source, source_id, account_id, service, component,
           CASE WHEN credit = 'vat_payable' THEN amount WHEN debit = 'vat_payable' THEN -amount ELSE 0 END AS vat,
           CASE WHEN credit LIKE 'revenue_%' THEN amount WHEN debit LIKE 'revenue_%' THEN -amount ELSE 0 END AS net
    FROM ledger.entry
    WHERE sector = $2 AND period = $1::date
      AND ('vat_payable' IN (debit, credit) OR source IN ('correction', 'one_off') AND (credit LIKE 'revenue_%' OR debit LIKE 'revenue_%'))
),
-- What a recalculation put into the books of the month: a whole, a stage of it, or the whole the other way round.
posted AS MATERIALIZED (
    SELECT source_id, account_id, service, component, sum(net) AS net, sum(vat) AS vat
    FROM entry WHERE source = 'correction' AND source_id > 0 GROUP BY 1, 2, 3, 4
),
line AS (
    SELECT l.correction_id, l.account_id, l.service, l.component, l.vat_rate, count(*) AS lines,
           sum(CASE l.side WHEN 'plus' THEN l.net ELSE -l.net END) AS net, sum(CASE l.side WHEN 'plus' THEN l.vat ELSE -l.vat END) AS vat
    FROM (SELECT DISTINCT source_id, account_id FROM posted) p
    JOIN billing.correction_line l ON l.correction_id = p.source_id AND l.account_id = p.account_id
    GROUP BY 1, 2, 3, 4, 5
),
share AS (
    SELECT l.*, p.net AS posted_net, p.vat AS posted_vat,
           sum(l.net) OVER w AS net_upto, sum(l.vat) OVER w AS vat_upto, sum(l.net) OVER a AS net_all, sum(l.vat) OVER a AS vat_all
    FROM line l JOIN posted p ON p.source_id = l.correction_id AND p.account_id = l.account_id
                             AND p.service = l.service AND p.component = l.component
    WINDOW w AS (PARTITION BY l.correction_id, l.account_id, l.service, l.component ORDER BY l.vat_rate),
           a AS (PARTITION BY l.correction_id, l.account_id, l.service, l.component)
),
-- Of a stage, each rate has its part; the parts of a stage add up to it to the tiyn.
part AS (
    SELECT s.vat_rate, s.lines,
           round(s.net_upto * n.posted / n.whole) - round((s.net_upto - s.net) * n.posted / n.whole) AS net,
           round(s.vat_upto * v.posted / v.whole) - round((s.vat_upto - s.vat) * v.posted / v.whole) AS vat
    FROM share s
    CROSS JOIN LATERAL (SELECT CASE WHEN s.net_all <> 0 THEN s.posted_net ELSE s.posted_vat END AS posted,
                               CASE WHEN s.net_all <> 0 THEN s.net_all ELSE nullif(s.vat_all, 0) END AS whole) n
    CROSS JOIN LATERAL (SELECT CASE WHEN s.vat_all <> 0 THEN s.posted_vat ELSE s.posted_net END AS posted,
                               CASE WHEN s.vat_all <> 0 THEN s.vat_all ELSE nullif(s.net_all, 0) END AS whole) v
),
charge AS (
    SELECT o.vat_rate, e.source_id, sum(e.net) AS net, sum(e.vat) AS vat
    FROM entry e JOIN billing.one_off o ON o.id = e.source_id WHERE e.source = 'one_off' GROUP BY 1, 2
)
SELECT 'run' AS source, (l.vat_rate / 10000.0)::numeric(6, 4)::text AS rate, count(*) AS lines,
       sum(l.net)::bigint AS net, sum(l.vat)::bigint AS vat, sum(l.gross)::bigint AS gross
FROM billing.charge_line l JOIN billing.run r ON r.id = l.run_id
WHERE l.period = $1::date AND r.period = $1::date AND r.sector = $2 AND r.state IN ('posted', 'issued')
GROUP BY l.vat_rate
UNION ALL
SELECT 'correction', (vat_rate / 10000.0)::numeric(6, 4)::text, sum(lines)::bigint, sum(net)::bigint, sum(vat)::bigint, sum(net + vat)::bigint
FROM part WHERE net <> 0 OR vat <> 0 GROUP BY vat_rate
UNION ALL
SELECT 'one_off', vat_rate::numeric(6, 4)::text, count(*), sum(net)::bigint, sum(vat)::bigint, sum(net + vat)::bigint
FROM charge WHERE net <> 0 OR vat <> 0 GROUP BY vat_rate
UNION ALL
-- Settled disputes and the like say no rate.
SELECT x.source, NULL, x.lines, NULL, x.vat::bigint, NULL
FROM (SELECT e.source, count(*) AS lines, sum(e.vat) - CASE e.source
                 WHEN 'correction' THEN coalesce((SELECT sum(vat) FROM part), 0)
                 WHEN 'one_off' THEN coalesce((SELECT sum(vat) FROM charge), 0) ELSE 0 END AS vat
      FROM entry e WHERE e.source NOT IN ('run', 'run_reversal') AND e.vat <> 0 GROUP BY e.source) x
WHERE x.vat <> 0 OR x.source NOT IN ('correction', 'one_off')
UNION ALL
SELECT 'ledger', NULL, count(*), NULL, coalesce(sum(vat), 0)::bigint, NULL FROM entry WHERE vat <> 0

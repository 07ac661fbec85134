-- Parts of a WITH, `item` the last: one row per open item that the end of the month $1 knows, what was left of it then in tiyn, when it was due
-- and how many days it was late. A month is closed when the next one takes money already: what was posted since is taken off again, so that the sum is
-- what receivables and advances of the ledger say, to the tiyn. Settled items of the past are not looked at.
later AS MATERIALIZED (
    SELECT account_id, open_item_id AS id, sum(amount) AS amount FROM ledger.settlement WHERE period > $1::date GROUP BY 1, 2
),
-- What is adjusted or taken over keeps the month it is of, and says nowhere when it was posted: the newest items of an act are those since,
-- as much as its entries since come to.
act AS MATERIALIZED (
    SELECT e.account_id, e.source, e.source_id, s.service, s.component, sum(e.amount) AS amount
    FROM ledger.entry e
    CROSS JOIN LATERAL (SELECT CASE WHEN e.debit = 'receivable' THEN e.service END AS service,
                               CASE WHEN e.debit = 'receivable' THEN e.component ELSE 'advance' END AS component) s
    WHERE e.sector = $2 AND e.period > $1::date
      AND e.source IN ('opening', 'penalty', 'correction', 'one_off', 'cost', 'write_off', 'transfer')
      AND (e.debit = 'receivable' AND e.credit <> 'advance' OR e.source = 'opening' AND e.credit = 'advance')
    GROUP BY 1, 2, 3, 4, 5
),
since AS MATERIALIZED (
    SELECT x.account_id, x.id FROM (
        SELECT o.account_id, o.id, a.amount,
               sum(abs(o.amount)) OVER (PARTITION BY o.account_id, o.source, o.source_id, o.service, o.component ORDER BY o.id DESC) AS upto
        FROM act a
        JOIN ledger.open_item o ON o.account_id = a.account_id AND o.source = a.source AND o.source_id = a.source_id
                               AND o.component = a.component AND o.service IS NOT DISTINCT FROM a.service) x
    WHERE x.upto <= x.amount
    UNION
    -- An advance is of the month it was posted in; this month may have used it already, by those who run it.
    SELECT o.account_id, o.id FROM ledger.entry e
    JOIN ledger.open_item o ON o.account_id = e.account_id AND o.source = e.source AND o.source_id = e.source_id
    WHERE e.sector = $2 AND e.period > $1::date AND e.credit = 'advance' AND e.source NOT IN ('advance', 'opening')
      AND o.amount < 0 AND o.origin > $1::date
),
item AS (
    SELECT o.account_id, o.id, o.due_on, o.source, (($1::date + interval '1 month')::date - 1) - o.due_on AS late,
           CASE WHEN s.id IS NOT NULL OR o.origin > $1::date AND (o.source = 'run' OR o.amount < 0 AND o.source <> 'opening')
                THEN 0 ELSE o.amount END - o.settled + coalesce(l.amount, 0) AS rest
    FROM (
        SELECT account_id, id, origin, due_on, source, amount, settled FROM ledger.open_item WHERE sector = $2 AND amount <> settled
        UNION ALL
        SELECT o.account_id, o.id, o.origin, o.due_on, o.source, o.amount, o.settled
        FROM (SELECT account_id, id FROM later UNION SELECT account_id, id FROM since) k
        JOIN ledger.open_item o ON o.account_id = k.account_id AND o.id = k.id
        WHERE o.sector = $2 AND o.amount = o.settled
    ) o
    LEFT JOIN later l ON l.account_id = o.account_id AND l.id = o.id
    LEFT JOIN since s ON s.account_id = o.account_id AND s.id = o.id
)

-- What each undecided line of statement $1 is. Money in: an agent (of $2, by the blind index of his БИН in $3) who hands on what he
-- took on the day that he names; a payment of the one account that the purpose names, else of the only account that the payer holds.
-- Money out: a refund that waits, else one of which somebody said that it is paid and no statement has yet.
WITH line AS (
    SELECT l.n, l.key, l.day, l.amount, l.document, l.numbers, l.named, l.subject
    FROM payments.statement_line l WHERE l.statement_id = $1 AND l.decision IS NULL
),
earlier AS (
    -- In another format, of the same bank account and not before its days. What a file that broke off had counts for nothing: it comes
    -- again. One that goes on where another ends, as the parts of a day do, repeats nothing of it.
    SELECT o.id FROM payments.statement s JOIN payments.statement o ON o.account = s.account
    WHERE s.id = $1 AND o.id < $1 AND o.state <> 'failed' AND o.to_day >= (SELECT min(day) FROM line)
      AND o.format IS DISTINCT FROM s.format
      AND ((o.opening, o.closing) = (s.opening, s.closing) OR (o.closing <> s.opening AND o.opening <> s.closing))
),
alike AS (
    -- Lines by what every format says of them, the first, the second and so on of a kind; the payer is not in every format.
    SELECT l.statement_id, l.n, l.state, l.day, l.amount, l.document, l.reference, l.subject,
           row_number() OVER (PARTITION BY l.statement_id, l.day, l.amount, l.document ORDER BY l.n) AS nth,
           row_number() OVER (PARTITION BY l.statement_id, l.day, l.amount, l.document, l.subject ORDER BY l.n) AS nth_of_payer
    FROM payments.statement_line l WHERE l.statement_id IN (SELECT id FROM earlier UNION ALL SELECT $1::bigint)
),
seen AS (
    SELECT l.n FROM line l
    WHERE EXISTS (
        SELECT FROM payments.statement_line o JOIN payments.statement s ON s.id = o.statement_id
        WHERE o.key = l.key AND o.statement_id < $1 AND o.state <> 'duplicate' AND s.state <> 'failed')
    UNION
    -- The same day in another format: its keys are others. Two that the bank itself numbers otherwise are two.
    SELECT l.n FROM alike l JOIN alike o USING (day, amount, document)
    WHERE l.statement_id = $1 AND o.statement_id < $1 AND o.state <> 'duplicate'
      AND (l.reference = '' OR o.reference = '' OR l.reference = o.reference)
      AND CASE WHEN l.subject IS NULL OR o.subject IS NULL THEN l.nth = o.nth
               ELSE l.subject = o.subject AND l.nth_of_payer = o.nth_of_payer END
),
agent AS (
    -- The channel of the agent whose sum of the day, less what he keeps, is nearest to the line.
    SELECT DISTINCT ON (l.n) l.n, t.channel_id, coalesce(l.named, l.day - 1) AS business
    FROM line l
    JOIN unnest($2::bigint[], $3::bytea[]) AS g (id, subject) ON g.subject = l.subject
    JOIN payments.channel c ON c.agent_id = g.id AND NOT c.sandbox
    JOIN payments.registry_terms t ON t.channel_id = c.id
    LEFT JOIN payments.registry r ON r.channel_id = c.id AND r.business_date = coalesce(l.named, l.day - 1) AND r.state = 'matched'
    WHERE l.amount > 0
    ORDER BY l.n, abs(coalesce(r.sum_total - r.fee_total, 0) - l.amount), t.channel_id
),
named AS (
    SELECT l.n, array_agg(DISTINCT coalesce(a.id, o.account_id)) AS accounts
    FROM line l CROSS JOIN LATERAL unnest(l.numbers) AS w (number)
    LEFT JOIN subscribers.account a ON a.number = w.number
    LEFT JOIN subscribers.old_number o ON a.id IS NULL AND o.number = w.number
    WHERE l.amount > 0 AND coalesce(a.id, o.account_id) IS NOT NULL
    GROUP BY 1
),
held AS (
    SELECT l.n, array_agg(DISTINCT h.account_id) AS accounts
    FROM line l
    JOIN subscribers.party p ON p.identification_index = l.subject
    JOIN subscribers.holder h ON h.party_id = p.id AND upper_inf(h.recorded) AND h.valid @> l.day
    WHERE l.amount > 0 AND NOT EXISTS (SELECT FROM named m WHERE m.n = l.n)
    GROUP BY 1
),
refund AS (
    SELECT DISTINCT ON (l.n) l.n, r.id
    FROM line l JOIN payments.refund r ON r.state IN ('posted', 'paid') AND r.amount = -l.amount
    WHERE l.amount < 0 AND (l.document = r.id::text OR r.id::text = ANY (l.numbers) OR l.document = nullif(r.paid_reference, ''))
      AND NOT EXISTS (SELECT FROM payments.statement_line d WHERE d.refund_id = r.id AND d.decision = 'posted')
    ORDER BY l.n, r.state = 'paid', r.id
)
UPDATE payments.statement_line x SET
    state = CASE
        WHEN s.n IS NOT NULL THEN 'duplicate'
        WHEN l.amount < 0 THEN CASE WHEN f.id IS NOT NULL THEN 'refund' ELSE 'out' END
        WHEN g.n IS NOT NULL THEN 'remittance'
        WHEN cardinality(coalesce(m.accounts, h.accounts)) = 1 THEN 'payment'
        WHEN cardinality(coalesce(m.accounts, h.accounts)) > 1 THEN 'ambiguous'
        ELSE 'unknown'
    END,
    account_id = CASE WHEN s.n IS NULL AND g.n IS NULL AND cardinality(coalesce(m.accounts, h.accounts)) = 1
                      THEN (coalesce(m.accounts, h.accounts))[1] END,
    channel_id = CASE WHEN s.n IS NULL THEN g.channel_id END,
    business_date = CASE WHEN s.n IS NULL THEN g.business END,
    refund_id = CASE WHEN s.n IS NULL THEN f.id END
FROM line l
LEFT JOIN seen s ON s.n = l.n
LEFT JOIN agent g ON g.n = l.n
LEFT JOIN named m ON m.n = l.n
LEFT JOIN held h ON h.n = l.n
LEFT JOIN refund f ON f.n = l.n
WHERE x.statement_id = $1 AND x.n = l.n

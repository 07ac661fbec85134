-- One row = a part of an item of accounts $1..$2 that was never owed, as an act said on a later day: it is off from the due day up to
-- that day. From then on the settlements tell, wherever the sum went: an item that had been paid by then is not settled by the act.
-- A recalculation says so of the month that it is for, in parts where it is posted in parts. It takes off first what was added last, and
-- nothing that was added later or came from another account. Taken back, it never was: what it had added was never owed, what it had
-- taken off was.
WITH act AS (
    SELECT m.account_id, m.correction_id AS id, m.outcome = 'reversed' AS back, CASE WHEN m.gross < 0 THEN c.stages ELSE 1 END AS parts,
           e.day, row_number() OVER days AS part, lead(e.day) OVER days IS NULL AS last
    FROM billing.correction_account m
    JOIN billing.correction c ON c.id = m.correction_id
    CROSS JOIN LATERAL (
        SELECT DISTINCT n.posted_on AS day FROM ledger.entry n
        WHERE n.account_id = m.account_id AND n.period >= c.from_period AND n.source = 'correction' AND n.source_id = m.correction_id
    ) e
    WHERE m.account_id BETWEEN $1 AND $2 AND m.outcome IN ('posted', 'reversed')
    WINDOW days AS (PARTITION BY m.account_id, m.correction_id ORDER BY e.day)
),
-- The first parts take what does not divide, as they were posted.
taken_off AS (
    SELECT a.account_id, a.id, a.back, a.day, l.service, l.component, l.period AS origin,
           CASE WHEN a.back THEN -l.less ELSE l.less / a.parts + (a.part <= l.less % a.parts)::int END AS amount
    FROM act a
    JOIN (
        SELECT account_id, correction_id, service, component, period, sum(CASE side WHEN 'minus' THEN gross ELSE -gross END)::bigint AS less
        FROM billing.correction_line WHERE account_id BETWEEN $1 AND $2 GROUP BY 1, 2, 3, 4, 5
    ) l ON l.account_id = a.account_id AND l.correction_id = a.id AND CASE WHEN a.back THEN a.last AND l.less < 0 ELSE l.less > 0 END
)
SELECT w.account_id, w.id, w.due_on, w.day, w.amount
FROM (
    SELECT i.account_id, i.id, i.due_on, t.day,
           least(i.amount, t.amount + i.amount - sum(i.amount) OVER (
               PARTITION BY t.account_id, t.id, t.day, t.service, t.component, t.origin ORDER BY i.id DESC))::bigint AS amount
    FROM taken_off t
    JOIN ledger.open_item i ON i.account_id = t.account_id AND i.account_id BETWEEN $1 AND $2 AND i.amount > 0
         AND (i.service, i.component, i.origin) = (t.service, t.component, t.origin)
    LEFT JOIN act b ON i.source = 'correction' AND b.account_id = i.account_id AND b.id = i.source_id AND b.part = 1
    WHERE CASE WHEN t.back THEN b.id = t.id ELSE i.source <> 'transfer' AND coalesce(NOT b.back AND b.day <= t.day, true) END
    UNION ALL
    -- Decided for the subscriber, a dispute says the same of its item.
    SELECT d.account_id, i.id, i.due_on, d.decided_on, d.amount
    FROM debt.dispute d JOIN ledger.open_item i ON i.account_id = d.account_id AND i.id = d.open_item_id
    WHERE d.account_id BETWEEN $1 AND $2 AND d.state = 'for'
) w
WHERE w.amount > 0 AND w.day > w.due_on

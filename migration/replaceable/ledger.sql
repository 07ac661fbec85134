-- Trial balance: one row per month, sector and ledger account. Debits and credits are equal by the shape of an entry.
CREATE OR REPLACE VIEW ledger.trial_balance AS
SELECT period, sector, account, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
FROM (
    SELECT period, sector, debit AS account, amount AS debit, 0 AS credit FROM ledger.entry
    UNION ALL
    SELECT period, sector, credit, 0, amount FROM ledger.entry
) sides
GROUP BY period, sector, account;

-- What holds an open item on its account: one row per item and reason. A held item is not moved to another account and not divided;
-- whatever else holds one joins here. The reasons are `domain::ledger::HeldBy`.
CREATE OR REPLACE VIEW ledger.held_item AS
SELECT account_id, open_item_id, 'dispute' AS held_by, id AS held_id FROM debt.dispute WHERE state = 'open'
UNION ALL
SELECT i.account_id, i.open_item_id, 'plan', p.id FROM debt.plan p JOIN debt.plan_item i ON i.plan_id = p.id WHERE p.state = 'active'
UNION ALL
SELECT account_id, open_item_id, source, source_id FROM ledger.bond;

-- What a person changed of debts without a second one: one row per act, on the business day that it was sent on, the sum both ways in
-- tiyn. The limit of a month is one for all of them. What an amendment leaves to a correction of issued bills counts there.
CREATE OR REPLACE VIEW ledger.done_alone AS
SELECT asked_by AS who, asked_on AS on_day, (owed_more + owed_less)::bigint AS amount
FROM billing.correction WHERE second = '{}' AND state IN ('posting', 'posted')
UNION ALL
SELECT b.asked_by, b.asked_on, coalesce((
    SELECT sum(abs(x.owed)) FROM (
        SELECT sum(CASE WHEN e.stage = 'paid' THEN e.before - e.after ELSE e.after - e.before END) AS owed
        FROM amendments.effect e WHERE e.batch_id = b.id AND e.stage <> 'issued' GROUP BY e.account_id) x), 0)::bigint
FROM amendments.batch b WHERE b.second = '{}' AND b.state IN ('applying', 'applied');
-- What agents took and did not hand on: one row per agent, month and sector. Debits less credits are what the agent still owes.
CREATE OR REPLACE VIEW ledger.agent_turnover AS
SELECT agent_id, period, sector,
       coalesce(sum(amount) FILTER (WHERE debit = 'agent_clearing'), 0)::bigint AS debit,
       coalesce(sum(amount) FILTER (WHERE credit = 'agent_clearing'), 0)::bigint AS credit
FROM ledger.entry WHERE agent_id IS NOT NULL
GROUP BY agent_id, period, sector;

-- What of a month's money of a sector nobody has reconciled: one row per day of an agent whose registry did not come, is being compared,
-- or has rows that wait for a decision, and one per shift that took money of the month and has no Z. A channel without terms of
-- reconciliation sends no registries, and nothing is expected of it, nor of the days before its terms.
CREATE OR REPLACE FUNCTION ledger.unreconciled(of_period date, of_sector text)
RETURNS TABLE (day date, channel_id bigint, channel text, files bigint, undecided bigint, shift_id bigint, desk text, number int)
LANGUAGE sql STABLE AS $$
WITH paid AS (
    SELECT DISTINCT c.id AS channel_id, coalesce((p.paid_at AT TIME ZONE c.zone)::date, p.paid_on) AS day
    FROM payments.payment p
    JOIN payments.channel c ON c.code = p.channel AND NOT c.sandbox
    JOIN payments.registry_terms t ON t.channel_id = c.id
    WHERE p.period = of_period AND p.sector = of_sector AND p.reverses IS NULL
      AND coalesce((p.paid_at AT TIME ZONE c.zone)::date, p.paid_on) >= t.since
      AND NOT EXISTS (SELECT FROM payments.payment b WHERE b.reverses = p.id)
),
-- What an agent has and we do not is money of the sector too, once somebody has looked at it.
named AS (
    SELECT g.channel_id, g.business_date AS day
    FROM payments.registry g
    JOIN payments.registry_row r ON r.registry_id = g.id
    JOIN subscribers.account a ON a.id = coalesce(r.account_id, r.ours_account)
    WHERE g.business_date >= of_period AND g.business_date < of_period + interval '1 month' AND g.state IN ('matching', 'matched')
      AND r.decision IS NULL AND r.state IN ('missing_ours', 'missing_theirs', 'diff_sum', 'diff_account', 'reversed')
      AND a.sector = of_sector
),
told AS (
    SELECT e.channel_id, e.day, count(DISTINCT g.id) AS files, count(r.line) AS undecided,
           coalesce(bool_or(g.state = 'matching'), false) AS matching
    FROM (SELECT channel_id, day FROM paid UNION SELECT channel_id, day FROM named) e
    LEFT JOIN payments.registry g
           ON g.channel_id = e.channel_id AND g.business_date = e.day AND g.state IN ('matching', 'matched')
    LEFT JOIN payments.registry_row r
           ON r.registry_id = g.id AND r.decision IS NULL
          AND r.state IN ('missing_ours', 'missing_theirs', 'diff_sum', 'diff_account', 'reversed')
    GROUP BY e.channel_id, e.day
)
SELECT t.day, t.channel_id, c.code, t.files, t.undecided, NULL::bigint, NULL::text, NULL::int
FROM told t JOIN payments.channel c ON c.id = t.channel_id
WHERE t.files = 0 OR t.matching OR t.undecided > 0
UNION ALL
SELECT s.opened_on, NULL, NULL, 0, 0, s.id, d.code, s.number
FROM cashdesk.shift s JOIN cashdesk.desk d ON d.id = s.desk_id
WHERE s.closed_at IS NULL AND EXISTS (
    SELECT FROM cashdesk.operation o
    JOIN cashdesk.operation_line l ON l.operation_id = o.id
    JOIN payments.payment p ON p.id IN (l.cash_payment_id, l.card_payment_id)
    WHERE o.shift_id = s.id AND p.period = of_period AND p.sector = of_sector)
$$;

-- Accounts that are active in a month of a sector: each is billed in it, or excused.
CREATE OR REPLACE FUNCTION ledger.active_accounts(of_period date, of_sector text)
RETURNS TABLE (account_id bigint)
LANGUAGE sql STABLE AS $$
SELECT a.id FROM subscribers.account a
WHERE a.sector = of_sector AND a.opened_on < (of_period + interval '1 month') AND (a.closed_on IS NULL OR a.closed_on > of_period)
$$;

-- What stands for an active account's charge of a month: one row per bill, with its excuse or its sum in tiyn. The bill of who was
-- recorded as gone by the first day stands for nothing: a correction takes it back. Where an account lives on after its final bill, the
-- rest of the month is billed when a correction looked at it.
CREATE OR REPLACE FUNCTION ledger.charged_accounts(of_period date, of_sector text)
RETURNS TABLE (account_id bigint, excuse text, charged bigint)
LANGUAGE sql STABLE AS $$
SELECT b.account_id, b.excuse, b.charged
FROM billing.run r
JOIN billing.bill b ON b.run_id = r.id AND b.period = of_period AND NOT b.reversed
JOIN subscribers.account a ON a.id = b.account_id AND a.sector = of_sector
     AND a.opened_on < (of_period + interval '1 month') AND (a.closed_on IS NULL OR a.closed_on > of_period)
WHERE r.period = of_period AND r.sector = of_sector AND r.state NOT IN ('reversed', 'failed')
  AND (r.account_id IS NULL OR NOT EXISTS (
      SELECT FROM subscribers.holder h
      WHERE h.account_id = a.id AND upper_inf(h.recorded) AND h.valid @> a.final_upto
        AND a.final_upto > of_period AND a.final_upto < (of_period + interval '1 month')
        AND NOT EXISTS (
            SELECT FROM billing.correction_account w JOIN billing.correction c ON c.id = w.correction_id
            WHERE w.account_id = a.id AND of_period BETWEEN c.from_period AND c.to_period AND c.state <> 'withdrawn'
              AND w.outcome IN ('posted', 'unchanged'))))
$$;

-- Work that would still change a month of a sector, or whose end nobody knows: one row per run, import, correction, amendment and
-- accrual of penalty. Files and amendments are of no sector. A file of readings that was checked since the month was opened waits for
-- somebody to commit it or to put it away: its rows would be missing from the month in silence.
CREATE OR REPLACE FUNCTION ledger.at_work(of_period date, of_sector text)
RETURNS TABLE (kind text, id bigint, name text, waits boolean, since timestamptz)
LANGUAGE sql STABLE AS $$
SELECT 'run', r.id, NULL::text, false, r.started_at
FROM billing.run r WHERE r.period = of_period AND r.sector = of_sector AND r.state IN ('snapshot', 'running')
UNION ALL
SELECT 'import', b.id, b.filename, b.state = 'checked', b.uploaded_at
FROM imports.batch b
WHERE b.state IN ('checking', 'committing', 'undoing')
   OR (b.state = 'checked' AND b.kind = 'readings' AND b.rows_ok + b.rows_warning > 0
       AND b.uploaded_at >= (SELECT p.opened_at FROM ledger.period p WHERE p.period = of_period AND p.sector = of_sector))
UNION ALL
SELECT 'correction', c.id, c.reason, false, c.created_at
FROM billing.correction c
WHERE c.state IN ('posting', 'reversing')
  AND EXISTS (SELECT FROM billing.correction_account w WHERE w.correction_id = c.id AND w.sector = of_sector)
UNION ALL
SELECT 'amendment', b.id, b.reason, false, b.created_at
FROM amendments.batch b WHERE b.state IN ('applying', 'reversing')
UNION ALL
SELECT 'penalty', a.id, NULL::text, false, a.started_at
FROM debt.accrual a WHERE a.sector = of_sector AND a.state IN ('posting', 'reversing')
$$;

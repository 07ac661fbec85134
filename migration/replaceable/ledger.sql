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

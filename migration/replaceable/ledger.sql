-- Trial balance: one row per month, sector and ledger account. Debits and credits are equal by the shape of an entry.
CREATE OR REPLACE VIEW ledger.trial_balance AS
SELECT period, sector, account, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
FROM (
    SELECT period, sector, debit AS account, amount AS debit, 0 AS credit FROM ledger.entry
    UNION ALL
    SELECT period, sector, credit, 0, amount FROM ledger.entry
) sides
GROUP BY period, sector, account;

-- What each account owes now: the sum of its open items, those of runs not issued yet left out.
CREATE OR REPLACE VIEW ledger.account_balance AS
SELECT o.account_id,
       sum(o.amount - o.settled)::bigint AS balance,
       coalesce(sum(o.amount - o.settled) FILTER (WHERE o.amount > 0), 0)::bigint AS owed,
       coalesce(-sum(o.amount - o.settled) FILTER (WHERE o.amount < 0), 0)::bigint AS advance,
       min(o.due_on) FILTER (WHERE o.amount > o.settled) AS due_on
FROM ledger.open_item o
LEFT JOIN ledger.hold h ON h.source = o.source AND h.source_id = o.source_id
WHERE h.source IS NULL
GROUP BY o.account_id;

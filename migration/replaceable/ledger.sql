-- Trial balance: one row per month, sector and ledger account. Debits and credits are equal by the shape of an entry.
CREATE OR REPLACE VIEW ledger.trial_balance AS
SELECT period, sector, account, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
FROM (
    SELECT period, sector, debit AS account, amount AS debit, 0 AS credit FROM ledger.entry
    UNION ALL
    SELECT period, sector, credit, 0, amount FROM ledger.entry
) sides
GROUP BY period, sector, account;

-- What each account owes now: the sum of its open items.
CREATE OR REPLACE VIEW ledger.account_balance AS
SELECT account_id, sum(amount - settled)::bigint AS balance,
       sum(amount - settled) FILTER (WHERE amount > 0)::bigint AS owed
FROM ledger.open_item
GROUP BY account_id;

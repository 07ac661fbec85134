-- Trial balance: one row per month, sector and ledger account. Debits and credits are equal by the shape of an entry.
CREATE OR REPLACE VIEW ledger.trial_balance AS
SELECT period, sector, account, sum(debit)::bigint AS debit, sum(credit)::bigint AS credit
FROM (
    SELECT period, sector, debit AS account, amount AS debit, 0 AS credit FROM ledger.entry
    UNION ALL
    SELECT period, sector, credit, 0, amount FROM ledger.entry
) sides
GROUP BY period, sector, account;

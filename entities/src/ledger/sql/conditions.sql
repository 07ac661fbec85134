-- One row: the figures that decide whether the month $1 of the sector $2 may be closed. Sums are in tiyn. Nothing here reads the
-- entries of closed months: those are folded in ledger.closed_balance.
WITH run AS (
    SELECT id, state, account_id IS NULL AND NOT late AS whole
    FROM billing.run WHERE period = $1 AND sector = $2 AND state NOT IN ('reversed', 'failed')
),
active AS (
    SELECT account_id AS id FROM ledger.active_accounts($1::date, $2)
),
bill AS (
    SELECT account_id, excuse FROM ledger.charged_accounts($1::date, $2)
),
folded AS (
    SELECT max(period) AS upto, (max(period) + interval '1 month')::date AS since FROM ledger.closed_balance WHERE sector = $2
)
SELECT
    (SELECT status FROM ledger.period WHERE period = $1 AND sector = $2) AS status,
    (SELECT status FROM ledger.period WHERE period = ($1::date - interval '1 month')::date AND sector = $2) AS earlier,
    (SELECT count(*) FROM active) AS active_accounts,
    (SELECT count(*) FROM bill WHERE excuse IS NULL) AS billed_accounts,
    (SELECT count(*) FROM bill WHERE excuse IS NOT NULL) AS excused_accounts,
    CASE WHEN (SELECT state FROM run WHERE whole) = 'issued' THEN 0 ELSE (SELECT count(*) FROM active) END AS draft_bills,
    (SELECT count(*) FROM ledger.at_work($1::date, $2)) AS work_in_progress,
    (SELECT count(*) FROM readings.reading r JOIN active a ON a.id = r.account_id
     WHERE r.period = $1 AND r.verdict = 'doubtful') AS doubtful_readings,
    (SELECT coalesce(sum(debit), 0)::bigint FROM ledger.trial_balance WHERE period = $1 AND sector = $2) AS debits,
    (SELECT coalesce(sum(credit), 0)::bigint FROM ledger.trial_balance WHERE period = $1 AND sector = $2) AS credits,
    (SELECT coalesce(sum(amount - settled), 0)::bigint FROM ledger.open_item WHERE sector = $2 AND amount <> settled) AS sub_ledger,
    (SELECT coalesce(sum(debit - credit), 0) FROM ledger.closed_balance
     WHERE sector = $2 AND period = (SELECT upto FROM folded) AND account IN ('receivable', 'advance'))::bigint
        + (SELECT coalesce(sum(CASE WHEN debit IN ('receivable', 'advance') THEN amount ELSE 0 END
                               - CASE WHEN credit IN ('receivable', 'advance') THEN amount ELSE 0 END), 0) FROM ledger.entry
           WHERE sector = $2 AND period >= coalesce((SELECT since FROM folded), '-infinity'))::bigint AS general_ledger,
    (SELECT coalesce(sum(l.gross), 0)::bigint FROM billing.charge_line l JOIN run r ON r.id = l.run_id WHERE l.period = $1) AS charged,
    -- What is given back stands on the other side.
    (SELECT coalesce(sum(CASE WHEN e.debit = 'receivable' THEN e.amount ELSE -e.amount END), 0)::bigint
     FROM ledger.entry e JOIN run r ON e.source = 'run' AND e.source_id = r.id WHERE e.period = $1) AS posted,
    (SELECT coalesce(sum(CASE WHEN p.reverses IS NULL THEN p.amount ELSE -p.amount END), 0)::bigint FROM payments.payment p
     WHERE p.period = $1 AND p.sector = $2) AS paid,
    (SELECT coalesce(sum(CASE WHEN debit IN ('bank_clearing', 'cash_clearing', 'agent_clearing') THEN amount
                              WHEN credit IN ('bank_clearing', 'cash_clearing', 'agent_clearing') THEN -amount ELSE 0 END), 0)::bigint
     -- What is nobody's, goes back or is handed on moves clearing accounts too, and is no payment.
     FROM ledger.entry WHERE period = $1 AND sector = $2 AND source IN ('payment', 'payment_reversal')) AS allocated,
    (SELECT count(*) FROM ledger.unreconciled($1::date, $2)) AS unreconciled,
    (SELECT coalesce(sum(amount), 0)::bigint FROM ledger.account_total
     WHERE period = $1 AND sector = $2 AND kind = 'opening') AS opening,
    -- Balances taken over from an earlier system in this month open it beside what the last one closed with.
    (SELECT sum(amount)::bigint FROM ledger.account_total
     WHERE period = ($1::date - interval '1 month')::date AND sector = $2)
        + (SELECT coalesce(sum(CASE WHEN credit = 'opening' THEN amount WHEN debit = 'opening' THEN -amount ELSE 0 END), 0)::bigint
           FROM ledger.entry WHERE period = $1 AND sector = $2 AND source = 'opening') AS last_closing,
    (SELECT coalesce(sum(b.rows_committed), 0)::bigint FROM imports.batch b
     WHERE b.kind = 'readings' AND b.state = 'committed' AND b.committed_at >= (
         SELECT opened_at FROM ledger.period WHERE period = $1 AND sector = $2)) AS readings_received,
    -- A refused row may be kept as a refused reading too: what was taken in is counted by the rows that name their reading.
    (SELECT count(*) FROM imports.batch b
     JOIN imports.row w ON w.batch_id = b.id AND w.verdict = 'committed'
     WHERE b.kind = 'readings' AND b.state = 'committed' AND b.committed_at >= (
         SELECT opened_at FROM ledger.period WHERE period = $1 AND sector = $2)
       AND EXISTS (SELECT FROM readings.reading r WHERE r.id = w.entity_id AND r.import_batch_id = b.id)) AS readings_kept,
    (SELECT count(DISTINCT s.code) FROM tariffs.setting s
     WHERE upper_inf(s.recorded) AND s.confirmed_by IS NULL AND s.valid && daterange($1::date, ($1::date + interval '1 month')::date)
       AND NOT EXISTS (SELECT FROM tariffs.setting c
                       WHERE c.code = s.code AND c.confirmed_by IS NOT NULL AND upper_inf(c.recorded)
                         AND c.valid @> daterange($1::date, ($1::date + interval '1 month')::date))) AS unconfirmed_settings,
    -- A payment holds its own number unless it was taken back; of two with one number one does not.
    (SELECT count(*) FROM payments.payment p
     WHERE p.period = $1 AND p.sector = $2 AND p.reverses IS NULL
       AND NOT EXISTS (SELECT FROM payments.payment o WHERE o.reverses = p.id)
       AND NOT EXISTS (SELECT FROM payments.payment_key k
                       WHERE k.channel = p.channel AND k.external_id = p.external_id AND k.payment_id = p.id))
        + (SELECT count(*) FROM (
               SELECT b.account_id FROM billing.bill b JOIN run r ON r.id = b.run_id
               WHERE b.period = $1 AND NOT b.reversed GROUP BY 1 HAVING count(*) > 1) x) AS wrong_numbers,
    (SELECT count(*) FROM billing.run_failure f JOIN run r ON r.id = f.run_id) AS exceptions

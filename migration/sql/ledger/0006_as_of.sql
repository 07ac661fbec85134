-- What was so on a day, and what was known of it at a moment: entries say when they were recorded, settlements both.
ALTER TABLE ledger.entry ADD COLUMN recorded_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN ledger.entry.recorded_at IS 'When it was written; posted_on is the day on which it is true: the payer''s of a payment.';
ALTER TABLE ledger.settlement ADD COLUMN valid_on date, ADD COLUMN recorded_at timestamptz;

-- What was there before takes its days from where it came from; where a source kept no moment, the noon of its day stands for it.
ALTER TABLE ledger.entry DISABLE TRIGGER append_only;
UPDATE ledger.entry e SET recorded_at = coalesce(
    CASE e.source
        WHEN 'run' THEN (SELECT r.posted_at FROM billing.run r WHERE r.id = e.source_id)
        WHEN 'payment' THEN (SELECT p.received_at FROM payments.payment p WHERE p.id = e.source_id)
        WHEN 'payment_reversal' THEN (SELECT p.received_at FROM payments.payment p WHERE p.id = e.source_id)
        WHEN 'correction' THEN (SELECT c.posted_at FROM billing.correction c WHERE c.id = e.source_id AND c.stages = 1 AND c.state = 'posted')
    END, (e.posted_on + time '12:00') AT TIME ZONE 'Asia/Almaty');
ALTER TABLE ledger.entry ENABLE TRIGGER append_only;

ALTER TABLE ledger.settlement DISABLE TRIGGER append_only;
UPDATE ledger.settlement s SET
    valid_on = coalesce(
        CASE WHEN s.source IN ('payment', 'payment_reversal')
             THEN (SELECT p.paid_on FROM payments.payment p WHERE p.id = s.source_id) END,
        (SELECT min(e.posted_on) FROM ledger.entry e
         WHERE e.account_id = s.account_id AND e.period = s.period AND e.source = s.source AND e.source_id = s.source_id),
        s.period),
    recorded_at = coalesce(
        (SELECT min(e.recorded_at) FROM ledger.entry e
         WHERE e.account_id = s.account_id AND e.period = s.period AND e.source = s.source AND e.source_id = s.source_id),
        (s.period + time '12:00') AT TIME ZONE 'Asia/Almaty');
ALTER TABLE ledger.settlement ENABLE TRIGGER append_only;
ALTER TABLE ledger.settlement ALTER COLUMN valid_on SET NOT NULL,
    ALTER COLUMN recorded_at SET NOT NULL, ALTER COLUMN recorded_at SET DEFAULT now();
COMMENT ON COLUMN ledger.settlement.valid_on IS 'The day on which it is true: the payer''s of a payment, else the day of the act.';

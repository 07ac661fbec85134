-- Days of closing a month that were set by hand; others follow from the setting ledger.cut_offs.
CREATE TABLE ledger.cut_off (
    period  date NOT NULL,
    sector  text NOT NULL,
    step    text NOT NULL CHECK (step IN ('readings_in', 'run', 'issue', 'soft_close', 'hard_close')),
    due_on  date NOT NULL,
    reason  text NOT NULL CHECK (btrim(reason) <> ''),
    set_by  text NOT NULL,
    set_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (period, sector, step),
    FOREIGN KEY (period, sector) REFERENCES ledger.period
);
COMMENT ON TABLE ledger.cut_off IS 'A day of closing a month that is another than usual (срок шага закрытия).';

INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT 'ledger.cut_offs', '"readings_in=25,run=26,issue=28,soft_close=+3,hard_close=+5"'::jsonb, s.valid, 'practice, to be confirmed',
       s.proposed_by, s.confirmed_by, now(), true
FROM tariffs.setting s
WHERE s.code = 'payments.allocation_order' AND s.demo AND s.confirmed_by IS NOT NULL AND upper_inf(s.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting o WHERE o.code = 'ledger.cut_offs');

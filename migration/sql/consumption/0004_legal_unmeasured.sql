-- For a demo that was loaded before the setting existed; a real installation proposes and confirms its own.
INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT 'consumption.legal_unmeasured', '"average"', m.valid, 'not read in any order, to be confirmed', m.proposed_by, m.confirmed_by,
       now(), true
FROM tariffs.setting m
WHERE m.code = 'consumption.average_months' AND m.demo AND m.confirmed_by IS NOT NULL AND upper_inf(m.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code = 'consumption.legal_unmeasured')
ORDER BY lower(m.valid) LIMIT 1;

-- Whoever lets nobody to the meter: an act says since when, another one ends it.
ALTER TABLE consumption.special DROP CONSTRAINT special_kind_check;
ALTER TABLE consumption.special
    ADD CONSTRAINT special_kind_check CHECK (kind IN
        ('torn_seal', 'tampering', 'unauthorised', 'leak', 'stopped', 'no_service', 'absence', 'no_access')),
    ADD CONSTRAINT special_no_access_point CHECK (kind <> 'no_access' OR point_id IS NOT NULL);
COMMENT ON COLUMN consumption.special.kind IS 'A code of SpecialKind. On days of no_access readings that no act states are not believed.';

-- For a demo that was loaded before the setting existed; a real installation proposes and confirms its own.
INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT 'consumption.no_access', '"average"', m.valid, 'the clause of the old methodology is not readable, to be confirmed', m.proposed_by,
       m.confirmed_by, now(), true
FROM tariffs.setting m
WHERE m.code = 'consumption.average_months' AND m.demo AND m.confirmed_by IS NOT NULL AND upper_inf(m.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code = 'consumption.no_access')
ORDER BY lower(m.valid) LIMIT 1;

-- With what a month of a house was compared, and what recalculations of earlier months changed of it.
ALTER TABLE imbalance.house ADD COLUMN compared_by text CHECK (compared_by IN ('meter', 'average'));
ALTER TABLE imbalance.house ADD COLUMN corrected bigint NOT NULL DEFAULT 0;
UPDATE imbalance.house SET compared_by = 'meter' WHERE measured IS NOT NULL OR reason = 'no_reading';
COMMENT ON COLUMN imbalance.house.compared_by IS 'Its meter, or the average of its last months; none where the month is compared with nothing.';
COMMENT ON COLUMN imbalance.house.corrected IS 'Litres by which recalculations since the reckoning before changed what earlier months were compared with.';

-- For a demo that was loaded before the setting existed; a real installation proposes and confirms its own.
INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT 'imbalance.average_days', '"30"', m.valid, 'not read in any order, to be confirmed', m.proposed_by, m.confirmed_by, now(), true
FROM tariffs.setting m
WHERE m.code = 'imbalance.method' AND m.demo AND m.confirmed_by IS NOT NULL AND upper_inf(m.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code = 'imbalance.average_days')
ORDER BY lower(m.valid) LIMIT 1;

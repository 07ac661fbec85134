-- A full capacity that goes on is charged no longer than its cap says; the day is settled when the case is recorded, by the setting
-- of that day.
ALTER TABLE consumption.special ADD COLUMN charged_until date;
COMMENT ON COLUMN consumption.special.charged_until IS 'Of a full capacity that was recorded without an end and whose beginning is not known: the first day that its cap no longer lets be charged. NULL: no cap.';

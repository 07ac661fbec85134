-- The business day on which money is given back: what one person gives back alone is limited by the month.
ALTER TABLE payments.refund ADD COLUMN asked_on date;
UPDATE payments.refund SET asked_on = (proposed_at AT TIME ZONE 'Asia/Almaty')::date;
COMMENT ON COLUMN payments.refund.asked_on IS 'The business day that it was proposed on; NULL where an earlier program wrote it.';
ALTER TABLE payments.suspense ADD COLUMN returned_on date;
UPDATE payments.suspense SET returned_on = (decided_at AT TIME ZONE 'Asia/Almaty')::date WHERE state = 'returned';
COMMENT ON COLUMN payments.suspense.returned_on IS 'The business day that it went back on; NULL where an earlier program wrote it.';
CREATE INDEX suspense_returned ON payments.suspense (decided_by) WHERE state = 'returned';
CREATE INDEX refund_proposed ON payments.refund (proposed_by);

-- What a person gave back without a second one, to payers and to senders of money without an account: one row per act, on its business
-- day, in tiyn. The limit of a month is one for both.
CREATE OR REPLACE VIEW payments.given_alone AS
SELECT proposed_by AS who, coalesce(asked_on, (proposed_at AT TIME ZONE 'Asia/Almaty')::date) AS on_day, amount
FROM payments.refund WHERE second = '{}' AND state IN ('posted', 'paid')
UNION ALL
SELECT decided_by, coalesce(returned_on, (decided_at AT TIME ZONE 'Asia/Almaty')::date), amount
FROM payments.suspense WHERE state = 'returned' AND proposed_by IS NULL;

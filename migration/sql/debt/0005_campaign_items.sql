-- What a campaign named: its members' debts and penalty as they stood at the start. Only what covers these counts as paid; money for
-- other bills, or from before the start, does not.
CREATE TABLE debt.campaign_item (
    campaign_id  bigint NOT NULL,
    account_id   bigint NOT NULL,
    open_item_id bigint NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    covered      bigint NOT NULL,
    PRIMARY KEY (campaign_id, account_id, open_item_id),
    FOREIGN KEY (campaign_id, account_id) REFERENCES debt.campaign_account
);
COMMENT ON TABLE debt.campaign_item IS 'Debts and penalty that a campaign named at its start (позиции акции).';
COMMENT ON COLUMN debt.campaign_item.amount IS 'Tiyn owed at the start, without what was claimed.';
COMMENT ON COLUMN debt.campaign_item.covered IS 'Tiyn of settlements that had counted before: what counts later is paid in the campaign.';

-- Campaigns that go on: what was owed at the moment they were started, told by the settlements recorded since.
INSERT INTO debt.campaign_item (campaign_id, account_id, open_item_id, amount, covered)
SELECT c.id, o.account_id, o.id, o.amount - before.settled, before.counted
FROM debt.campaign c
JOIN debt.campaign_account m ON m.campaign_id = c.id
JOIN ledger.open_item o ON o.account_id = m.account_id AND o.amount > 0
     AND (o.component = 'penalty' OR o.component IN ('charge', 'imbalance') AND o.origin BETWEEN c.debt_from AND c.debt_to
          AND o.due_on < (c.decided_at AT TIME ZONE 'Asia/Almaty')::date)
     AND EXISTS (SELECT FROM ledger.entry e WHERE e.account_id = o.account_id AND e.source = o.source AND e.source_id = o.source_id
                 AND e.recorded_at <= c.decided_at)
CROSS JOIN LATERAL (
    SELECT coalesce(sum(s.amount), 0)::bigint AS settled,
           coalesce(sum(s.amount) FILTER (WHERE s.source IN ('payment', 'payment_reversal', 'advance')
                                          OR s.source IN ('correction', 'one_off') AND o.component <> 'penalty'), 0)::bigint AS counted
    FROM ledger.settlement s
    WHERE s.account_id = o.account_id AND s.open_item_id = o.id AND s.recorded_at <= c.decided_at
) before
WHERE c.state = 'started' AND o.amount > before.settled;

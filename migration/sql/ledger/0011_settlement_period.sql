-- What was settled since a month: the ageing of a month that is closed when the next one takes money already. Rows are only added, so
-- that few blocks say which.
CREATE INDEX settlement_period ON ledger.settlement USING brin (period);

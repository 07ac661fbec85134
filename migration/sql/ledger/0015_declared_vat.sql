-- What the declaration of a month says of VAT, so that it can be put beside the ledger.
ALTER TABLE ledger.filing ADD COLUMN vat bigint;
COMMENT ON COLUMN ledger.filing.vat IS 'Tiyn of VAT of the sector''s turnover that the declaration bears; NULL where nobody said it.';

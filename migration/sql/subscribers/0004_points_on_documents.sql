-- Objects and further inlets come into an account, and leave it, on a document.
ALTER TABLE subscribers.account_point ADD COLUMN document_id bigint REFERENCES archive.document;
COMMENT ON COLUMN subscribers.account_point.document_id IS 'What the point came into the account on; none of points that it was opened with.';

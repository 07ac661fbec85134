-- A file of payments is taken back as a whole: its payments are found by it. Months of payments hold millions of rows.
CREATE INDEX payment_batch ON payments.payment (import_batch_id) WHERE import_batch_id IS NOT NULL;

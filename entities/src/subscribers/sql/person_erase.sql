-- Blanks every place that names the person ($1): the register, the sessions of the cabinet, the rows of the files that brought
-- the person in, rows that were not written but are about the person by a blind index ($2), what the bank said of the person's money.
-- One row: the party as it stays.
WITH sessions AS (
    UPDATE access.session SET address = NULL, user_agent = NULL WHERE party_id = $1),
files AS (
    UPDATE imports.row r SET fields = array_fill(''::text, ARRAY[cardinality(r.fields)])
    FROM subscribers.holder h JOIN subscribers.account a ON a.id = h.account_id
    WHERE h.party_id = $1 AND h.valid @> a.opened_on AND a.import_batch_id IS NOT NULL
      AND r.batch_id = a.import_batch_id AND r.entity_id = a.id),
estates AS (
    UPDATE subscribers.party SET name = '—', version = version + 1 WHERE estate_of = $1),
unwritten AS (
    UPDATE imports.row SET fields = array_fill(''::text, ARRAY[cardinality(fields)]), subjects = NULL
    WHERE subjects && $2::bytea[] AND verdict <> 'committed'),
lines AS (
    UPDATE payments.statement_line SET payer = '—', purpose = '—', details = NULL, subject = NULL WHERE subject = ANY ($2::bytea[])),
unclear AS (
    UPDATE payments.suspense SET payer = '—', purpose = '—', details = NULL, subject = NULL WHERE subject = ANY ($2::bytea[])),
refunds AS (
    UPDATE payments.refund f SET requisites = NULL FROM subscribers.holder h
    WHERE h.party_id = $1 AND h.account_id = f.account_id AND h.valid @> f.proposed_at::date AND f.requisites IS NOT NULL),
certificates AS (
    UPDATE debt.certificate SET holder = '—' WHERE party_id = $1)
UPDATE subscribers.party
SET name = '—', identification = NULL, identification_index = NULL, phone = NULL, phone_index = NULL,
    email = NULL, email_index = NULL, erased_at = now(), version = version + 1
WHERE id = $1
RETURNING *;

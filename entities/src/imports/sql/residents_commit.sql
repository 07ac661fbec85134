-- A version lasts until the next one known, be it of the file or of the register.
CREATE TEMP TABLE version ON COMMIT DROP AS
SELECT s.line, s.account_id, s.residents, s.source, s."from" AS since,
       least(lead(s."from") OVER (PARTITION BY s.account_id ORDER BY s."from"),
             (SELECT min(lower(r.valid)) FROM subscribers.residency r
              WHERE r.account_id = s.account_id AND upper_inf(r.recorded) AND lower(r.valid) > s."from")) AS till
FROM stage s;

-- Nothing is overwritten: what was known is closed in recorded time, the head of a cut version is recorded anew.
WITH cut AS (
    UPDATE subscribers.residency r SET recorded = tstzrange(lower(r.recorded), now())
    FROM (SELECT r.id, min(v.since) AS since
          FROM subscribers.residency r
          JOIN version v ON v.account_id = r.account_id AND r.valid && daterange(v.since, v.till)
          WHERE upper_inf(r.recorded) GROUP BY r.id) met
    WHERE r.id = met.id
    RETURNING r.account_id, r.residents, r.source, r.valid, r.document_id, met.since
)
INSERT INTO subscribers.residency (account_id, residents, source, valid, recorded_by, document_id, import_batch_id)
SELECT c.account_id, c.residents, c.source, daterange(lower(c.valid), c.since), p.label, c.document_id, p.batch
FROM cut c, param p WHERE lower_inf(c.valid) OR lower(c.valid) < c.since;

WITH made AS (
    INSERT INTO subscribers.residency (account_id, residents, source, valid, recorded_by, import_batch_id)
    SELECT v.account_id, v.residents, v.source, daterange(v.since, v.till), p.label, p.batch FROM version v, param p
    RETURNING id, account_id, valid
)
UPDATE stage s SET entity_id = m.id FROM made m WHERE m.account_id = s.account_id AND lower(m.valid) = s."from";

INSERT INTO contracts.contract (number, kind, account_id, party_id, signed_on, valid, recorded_by, import_batch_id)
SELECT s.number, s.kind, s.account_id, s.party_id, s.signed_on, daterange(s."from", s."to", '[]'), p.label, p.batch
FROM stage s, param p ORDER BY s.account_id;
UPDATE stage s SET entity_id = c.id FROM contracts.contract c WHERE c.number = s.number;

INSERT INTO contracts.point_volume (contract_id, point_id, liters, valid, recorded_by)
SELECT s.entity_id, s.point_id, s.monthly_m3, daterange(s."from", s."to", '[]'), p.label
FROM stage s, param p WHERE s.monthly_m3 IS NOT NULL;

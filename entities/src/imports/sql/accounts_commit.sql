-- One party per ИИН or БИН; the one that is known stays as it is.
UPDATE stage s SET party_id = k.id
FROM (SELECT identification_index, min(id) AS id FROM subscribers.party
      WHERE identification_index IS NOT NULL GROUP BY 1) k
WHERE k.identification_index = s.identification_index;
UPDATE stage s SET party_id = nextval(pg_get_serial_sequence('subscribers.party', 'id')), new_party = true
WHERE s.party_id IS NULL
  AND (s.identification_index IS NULL
       OR s.line = (SELECT min(f.line) FROM stage f WHERE f.identification_index = s.identification_index));
UPDATE stage s SET party_id = f.party_id
FROM stage f WHERE s.party_id IS NULL AND f.new_party AND f.identification_index = s.identification_index;

INSERT INTO subscribers.party (id, kind, name, identification, identification_index, phone, phone_index, email, email_index,
                               language, import_batch_id)
SELECT s.party_id, s.holder_kind, s.holder_name, s.identification, s.identification_index, s.phone, s.phone_index,
       s.email, s.email_index, coalesce(s.language, 'ru'), p.batch
FROM stage s, param p WHERE s.new_party;

INSERT INTO subscribers.account (number, sector, consumer_group, district_id, building_id, premise_id, opened_on, import_batch_id)
SELECT s.number, s.sector, s.consumer_group, s.district_id, s.building_id, s.premise_id, s.opened_on, p.batch
FROM stage s, param p ORDER BY s.building_id, s.premise_id, s.line;
UPDATE stage s SET entity_id = a.id FROM subscribers.account a WHERE a.number = s.number;

INSERT INTO subscribers.holder (account_id, party_id, valid, recorded_by)
SELECT s.entity_id, s.party_id, daterange(s.opened_on, NULL), p.label FROM stage s, param p;

INSERT INTO subscribers.account_point (account_id, point_id, valid, recorded_by)
SELECT s.entity_id, t.id, daterange(s.opened_on, NULL), p.label
FROM stage s JOIN premises.point t ON t.premise_id = s.premise_id CROSS JOIN param p;

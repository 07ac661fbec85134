-- One row per version of anything that prices the days $1..$2, as known at $3.
SELECT 'price' AS kind, id, service AS one, consumer_group AS other, lower(valid) AS from, upper(valid) AS to,
       net AS number, NULL::bigint AS liters, NULL::jsonb AS json
FROM tariffs.price WHERE valid && daterange($1, $2) AND recorded @> $3::timestamptz
UNION ALL
SELECT 'vat', id, '', '', lower(valid), upper(valid), rate, NULL, NULL
FROM tariffs.vat WHERE valid && daterange($1, $2) AND recorded @> $3
UNION ALL
SELECT 'norm', id, service, amenity, lower(valid), upper(valid), NULL, liters, NULL
FROM tariffs.norm WHERE valid && daterange($1, $2) AND recorded @> $3
UNION ALL
SELECT 'band', id, mode, '', lower(valid), upper(valid), NULL, NULL, bands
FROM tariffs.band WHERE NOT suspended AND valid && daterange($1, $2) AND recorded @> $3
UNION ALL
SELECT 'setting', id, code, '', lower(valid), upper(valid), NULL, NULL, value
FROM tariffs.setting WHERE valid && daterange($1, $2) AND recorded @> $3 AND confirmed_by IS NOT NULL
ORDER BY kind, one, other, id

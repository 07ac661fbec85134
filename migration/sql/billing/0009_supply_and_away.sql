-- What a run saw of points whose services or amenity changed, and of meters that were off.
ALTER TABLE billing.run_input
    ADD COLUMN supply_from date[], ADD COLUMN supply_to date[], ADD COLUMN supply_water boolean[], ADD COLUMN supply_sewerage boolean[],
    ADD COLUMN supply_amenity text[], ADD COLUMN away_from date[], ADD COLUMN away_to date[], ADD COLUMN special_unread bigint[];
COMMENT ON COLUMN billing.run_input.supply_from IS 'Versions of services and amenity; NULL where one held all along. water, sewerage and amenity are those of the last.';
COMMENT ON COLUMN billing.run_input.away_from IS 'When the meter was off for repair or verification.';
COMMENT ON COLUMN billing.run_input.special_unread IS 'Of special_billed: what the next reading would have settled.';

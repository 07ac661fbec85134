-- What a run saw of meters that were verified again in the month in which their verification ran out.
ALTER TABLE billing.run_input ADD COLUMN meter_lapsed_from date[], ADD COLUMN meter_lapsed_to date[];
COMMENT ON COLUMN billing.run_input.meter_lapsed_from IS 'By meter: from here to meter_lapsed_to it was not verified; NULL where none has such days.';

-- A proposed setting may be declined by a second person, or taken back by who proposed it: it is not known any more, and says why.
ALTER TABLE tariffs.setting
    ADD COLUMN declined_by text,
    ADD COLUMN decline_reason text,
    ADD CONSTRAINT setting_declined CHECK (declined_by IS NULL OR (confirmed_by IS NULL AND NOT upper_inf(recorded)));
COMMENT ON COLUMN tariffs.setting.declined_by IS 'Who ended the proposal, at the end of recorded; who proposed it took it back.';

-- Why a meter was taken off: while one is off for repair or verification the average stands for it, for as long as a setting says.
ALTER TABLE meters.installation
    ADD COLUMN removal text CHECK (removal IN ('replaced', 'verification', 'fault', 'withdrawn')),
    ADD CONSTRAINT installation_removal CHECK (removal IS NULL OR NOT upper_inf(valid));
CREATE INDEX installation_away ON meters.installation (point_id) WHERE removal IN ('verification', 'fault');
COMMENT ON COLUMN meters.installation.removal IS 'NULL while it stands, and where nobody said why it does not.';

-- A password that an administrator gave is good until a moment and opens nothing but the change of it.
ALTER TABLE access.staff ADD COLUMN one_time_until timestamptz;
COMMENT ON COLUMN access.staff.one_time_until IS 'Set while the password is one that an administrator gave: it is over at this moment, and until then its sessions may only change it. NULL: the person chose the password.';

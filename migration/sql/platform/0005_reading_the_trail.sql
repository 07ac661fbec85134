-- The trail is also read by who did it and by what was done.
CREATE INDEX audit_entry_by ON platform.audit_entry (actor, id DESC);
CREATE INDEX audit_entry_action ON platform.audit_entry (action, id DESC);
CREATE INDEX audit_entry_at ON platform.audit_entry (at);

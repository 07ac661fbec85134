-- The second factor of a member of the staff: one-time codes by time (RFC 6238).
CREATE TABLE access.totp (
    staff_id     bigint PRIMARY KEY REFERENCES access.staff,
    secret       bytea NOT NULL,
    confirmed_at timestamptz,
    last_step    bigint NOT NULL DEFAULT 0,
    recovery     bytea[] NOT NULL DEFAULT '{}',
    created_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN access.totp.secret IS 'Sealed by the vault.';
COMMENT ON COLUMN access.totp.confirmed_at IS 'Asked for at sign-in from then on.';
COMMENT ON COLUMN access.totp.last_step IS 'Half-minute of the last code accepted: a code opens once.';
COMMENT ON COLUMN access.totp.recovery IS 'SHA-256 of the codes on paper that have not been used.';

-- A change of what a role allows: one person proposes, another decides.
CREATE TABLE access.role_change (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    role        text NOT NULL,
    name_kk     text,
    name_ru     text,
    name_en     text,
    permissions text[] NOT NULL,
    before      text[] NOT NULL,
    reason      text NOT NULL,
    document_id bigint REFERENCES archive.document,
    state       text NOT NULL DEFAULT 'proposed' CHECK (state IN ('proposed', 'approved', 'rejected')),
    proposed_by bigint NOT NULL REFERENCES access.staff,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    decided_by  bigint REFERENCES access.staff,
    decided_at  timestamptz,
    CHECK (decided_by IS NULL OR state = 'rejected' OR decided_by <> proposed_by),
    CHECK ((state = 'proposed') = (decided_at IS NULL))
);
COMMENT ON COLUMN access.role_change.permissions IS 'Everything the role is to allow, not the difference.';
COMMENT ON COLUMN access.role_change.before IS 'What it allowed when this was proposed.';
CREATE UNIQUE INDEX role_change_open ON access.role_change (role) WHERE state = 'proposed';

CREATE SCHEMA access;

CREATE TABLE access.role (
    code    text PRIMARY KEY,
    name_kk text NOT NULL,
    name_ru text NOT NULL,
    name_en text NOT NULL
);

CREATE TABLE access.role_permission (
    role       text NOT NULL REFERENCES access.role,
    permission text NOT NULL,
    PRIMARY KEY (role, permission)
);

CREATE TABLE access.staff (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login         text NOT NULL UNIQUE CHECK (login = lower(login)),
    name          text NOT NULL,
    email         text,
    language      text NOT NULL DEFAULT 'ru' CHECK (language IN ('kk', 'ru', 'en')),
    password_hash text NOT NULL,
    sectors       text[] NOT NULL DEFAULT '{}',
    districts     bigint[] NOT NULL DEFAULT '{}',
    active        boolean NOT NULL DEFAULT true,
    failed_count  int NOT NULL DEFAULT 0,
    locked_until  timestamptz,
    version       int NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN access.staff.sectors IS 'Row scope: empty means all sectors; same for districts.';

CREATE TABLE access.staff_role (
    staff_id bigint NOT NULL REFERENCES access.staff,
    role     text NOT NULL REFERENCES access.role,
    PRIMARY KEY (staff_id, role)
);

CREATE TABLE access.client (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    permissions   text[] NOT NULL,
    sectors       text[] NOT NULL DEFAULT '{}',
    districts     bigint[] NOT NULL DEFAULT '{}',
    token_hash    bytea NOT NULL UNIQUE,
    previous_hash bytea UNIQUE,
    previous_until timestamptz,
    expires_at    timestamptz,
    active        boolean NOT NULL DEFAULT true,
    version       int NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN access.client.previous_hash IS 'The token before the last rotation works until previous_until, so that an integration can change it without a gap.';

CREATE TABLE access.session (
    id            uuid PRIMARY KEY,
    principal     text NOT NULL CHECK (principal IN ('user', 'subscriber')),
    principal_id  bigint NOT NULL,
    party_id      bigint,
    label         text NOT NULL,
    user_agent    text,
    address       text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    seen_at       timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    revoke_reason text
);
COMMENT ON COLUMN access.session.party_id IS 'The holder who signed in: a session ends for who comes after.';
CREATE INDEX session_of ON access.session (principal, principal_id) WHERE revoked_at IS NULL;

CREATE TABLE access.refresh_token (
    hash       bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES access.session,
    issued_at  timestamptz NOT NULL DEFAULT now(),
    used_at    timestamptz
);
CREATE INDEX refresh_token_of ON access.refresh_token (session_id);

CREATE TABLE access.login_code (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL,
    channel    text NOT NULL CHECK (channel IN ('sms', 'email')),
    code_hash  bytea NOT NULL,
    attempts   int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX login_code_of ON access.login_code (account_id, id DESC);

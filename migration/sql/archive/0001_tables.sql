CREATE SCHEMA archive;

-- Official documents: corrections, settings, recalculations and rights refer to them.
CREATE TABLE archive.document (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL,
    number        text NOT NULL,
    issued_on     date NOT NULL,
    issuer        text NOT NULL,
    subject       text NOT NULL,
    file_name     text,
    file_sha256   bytea,
    file          bytea,
    registered_by text NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (kind, number, issued_on, issuer)
);

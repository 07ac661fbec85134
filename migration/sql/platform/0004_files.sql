-- Files that jobs make for a person: bills to print, tables of an export. In the database, so that any process can hand out
-- what any worker made; gone after some days.
CREATE TABLE platform.file (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job_id     bigint NOT NULL UNIQUE REFERENCES platform.job,
    name       text NOT NULL,
    content_type text NOT NULL,
    made_for   text NOT NULL,
    bytes      bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    ready_at   timestamptz,
    expires_at timestamptz NOT NULL
);
CREATE INDEX file_expiry ON platform.file (expires_at);
COMMENT ON COLUMN platform.file.made_for IS 'Label of the actor who asked; nobody else gets the file.';

-- The file in pieces. Drafts are what finished steps of the job left for the next try; they go when the file is ready.
CREATE TABLE platform.file_part (
    file_id bigint NOT NULL REFERENCES platform.file ON DELETE CASCADE,
    draft   boolean NOT NULL,
    part    int NOT NULL,
    data    bytea NOT NULL,
    PRIMARY KEY (file_id, draft, part)
);
-- Pages and tables are compressed already.
ALTER TABLE platform.file_part ALTER COLUMN data SET STORAGE EXTERNAL;

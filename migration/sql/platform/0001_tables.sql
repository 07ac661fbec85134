-- The kernel's tables: outbox, audit, jobs, idempotency, partitions, text folding.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE SCHEMA platform;

-- One spelling for search: case, ё and the Kazakh letters folded onto their Russian neighbours, hyphens and blanks dropped.
-- Immutable on purpose: generated columns and indexes stand on it, so it changes only by a numbered migration.
CREATE FUNCTION platform.fold(words text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(lower(words), 'ёәқңғөұүһі«»"''.,-–— ', 'еакнгоуухи');

CREATE TABLE platform.outbox (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seq     bigint UNIQUE,
    topic   text NOT NULL,
    name    text NOT NULL,
    account_id bigint,
    event   jsonb NOT NULL,
    actor   text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_unsent ON platform.outbox (id) WHERE seq IS NULL;
CREATE SEQUENCE platform.outbox_seq;
COMMENT ON COLUMN platform.outbox.seq IS 'Given by the relay in the order of sending; the cursor of live feeds. The insert id can commit out of order.';

CREATE TABLE platform.audit_entry (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    actor_kind  text NOT NULL,
    actor_id    bigint,
    actor       text NOT NULL,
    session     uuid,
    entity      text NOT NULL,
    entity_id   bigint,
    action      text NOT NULL,
    before      jsonb,
    after       jsonb,
    document_id bigint,
    batch_id    bigint
);
CREATE INDEX audit_entry_of ON platform.audit_entry (entity, entity_id, id DESC);
CREATE INDEX audit_entry_unsealed ON platform.audit_entry (id) WHERE batch_id IS NULL;

-- Sealed by the relay: each batch's hash covers its rows and the hash of the batch before it.
CREATE TABLE platform.audit_batch (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rows      bigint NOT NULL,
    hash      bytea NOT NULL,
    previous  bytea NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE platform.idempotency (
    actor      text NOT NULL,
    operation  text NOT NULL,
    key        text NOT NULL,
    input_hash bytea NOT NULL,
    result     jsonb NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (actor, operation, key)
);

CREATE TABLE platform.job (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    args        jsonb NOT NULL,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    unique_key  text,
    run_after   timestamptz NOT NULL DEFAULT now(),
    attempts    int NOT NULL DEFAULT 0,
    max_attempts int NOT NULL DEFAULT 5,
    done        bigint NOT NULL DEFAULT 0,
    total       bigint NOT NULL DEFAULT 0,
    message     text,
    error       text,
    cancel_requested boolean NOT NULL DEFAULT false,
    locked_by   text,
    heartbeat   timestamptz,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE INDEX job_waiting ON platform.job (run_after, id) WHERE state = 'queued';
CREATE INDEX job_running ON platform.job (heartbeat) WHERE state = 'running';
CREATE UNIQUE INDEX job_one_at_a_time ON platform.job (kind, unique_key) WHERE state IN ('queued', 'running');

-- Where a row came from in another system: migrations and parallel runs find it again.
CREATE TABLE platform.external_ref (
    system      text NOT NULL,
    entity      text NOT NULL,
    external_id text NOT NULL,
    entity_id   bigint NOT NULL,
    PRIMARY KEY (system, entity, external_id)
);
CREATE INDEX external_ref_of ON platform.external_ref (entity, entity_id);

-- What the development adapters of SMS and e-mail "sent".
CREATE TABLE platform.message (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    channel   text NOT NULL CHECK (channel IN ('sms', 'email')),
    recipient text NOT NULL,
    subject   text,
    body      text NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);

-- Small values of the program itself: the demo's business date, the state of the seed.
CREATE TABLE platform.state (
    key   text PRIMARY KEY,
    value jsonb NOT NULL,
    at    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE platform.partitioned (
    table_name text PRIMARY KEY
);

-- Makes the month's partition of every table on the list; called when a period opens.
CREATE FUNCTION platform.ensure_partitions(month date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    child text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('platform.ensure_partitions'));
    FOR parent IN SELECT table_name FROM platform.partitioned ORDER BY 1 LOOP
        child := parent || to_char(month, '_YYYY_MM');
        IF to_regclass(child) IS NULL THEN
            EXECUTE format('CREATE TABLE %s PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
                           child, parent, month, month + interval '1 month');
        END IF;
    END LOOP;
END $$;

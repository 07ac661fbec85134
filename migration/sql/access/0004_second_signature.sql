-- Acts that two people sign: one asks for it on a document, another one agrees, and it is done in that very transaction.
CREATE TABLE access.second_signature (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    act         text NOT NULL,
    subject     text NOT NULL,
    input       jsonb NOT NULL,
    permission  text NOT NULL,
    sector      text,
    district_id bigint,
    account_id  bigint,
    about       jsonb NOT NULL,
    document_id bigint NOT NULL REFERENCES archive.document,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'agreed', 'declined', 'withdrawn')),
    asked_by    text NOT NULL,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    decided_by  text,
    decided_at  timestamptz,
    CONSTRAINT second_signature_decided CHECK (num_nulls(decided_by, decided_at) = CASE state WHEN 'waiting' THEN 2 ELSE 0 END),
    CONSTRAINT second_signature_two_people CHECK (CASE state
        WHEN 'withdrawn' THEN decided_by = asked_by
        ELSE decided_by <> asked_by END)
);
CREATE UNIQUE INDEX second_signature_waits ON access.second_signature (act, subject) WHERE state = 'waiting';
CREATE INDEX second_signature_of ON access.second_signature (subject, id);
CREATE INDEX second_signature_account ON access.second_signature (account_id, id) WHERE account_id IS NOT NULL;
COMMENT ON TABLE access.second_signature IS 'What one person asked for and another one has to agree to (вторая подпись).';
COMMENT ON COLUMN access.second_signature.subject IS 'Kind:id of the thing that the act is done to; of a thing that there is not yet, what tells it from others. One request of an act and a subject waits at a time.';
COMMENT ON COLUMN access.second_signature.input IS 'What the act is done with, once somebody agrees.';
COMMENT ON COLUMN access.second_signature.permission IS 'The right that whoever decides must have.';
COMMENT ON COLUMN access.second_signature.sector IS 'Whose rows it is of, as district_id; NULL: of all, so that only who sees all of them decides.';
COMMENT ON COLUMN access.second_signature.about IS 'What the act came to when it was asked for: sums, days, names.';

-- What was asked for stands as it was asked, and what was decided is not decided anew.
CREATE FUNCTION access.keep_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'APPEND_ONLY' USING ERRCODE = 'P0001', HINT = 'what two people signed stands';
END $$;
CREATE TRIGGER decided_once BEFORE UPDATE ON access.second_signature FOR EACH ROW
    WHEN (OLD.state <> 'waiting'
          OR (OLD.act, OLD.subject, OLD.input, OLD.permission, OLD.document_id, OLD.asked_by, OLD.asked_at)
             IS DISTINCT FROM (NEW.act, NEW.subject, NEW.input, NEW.permission, NEW.document_id, NEW.asked_by, NEW.asked_at))
    EXECUTE FUNCTION access.keep_signature();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON access.second_signature
    FOR EACH STATEMENT EXECUTE FUNCTION access.keep_signature();

-- What the audit trail keeps about a person is sealed by a key of that person's own, and the key by the installation's
-- secret. Erasing destroys the key: the rows of the trail and the chain over them stay as they were, and nobody can read them.
CREATE TABLE platform.person_key (
    person_id   bigint PRIMARY KEY,
    key         bytea,
    made_at     timestamptz NOT NULL DEFAULT now(),
    erased_at   timestamptz,
    erased_by   text,
    document_id bigint REFERENCES archive.document,
    CHECK ((key IS NULL) = (erased_at IS NOT NULL))
);
COMMENT ON TABLE platform.person_key IS 'One row per person (subscribers.party) that the trail has ever spoken about.';
COMMENT ON COLUMN platform.person_key.key IS 'Wrapped by the vault; nothing once the person was erased.';

ALTER TABLE subscribers.party ADD COLUMN erased_at timestamptz;
COMMENT ON COLUMN subscribers.party.erased_at IS 'Name, identification, phone and e-mail were destroyed on a document; the books keep the row.';

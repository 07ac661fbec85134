-- Links on which subscribers pay in a provider's application. The row is there before the provider is called: an answer that is lost is
-- asked for, and nothing is sent again under a new name.
CREATE TABLE payments.link (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  bigint NOT NULL REFERENCES subscribers.account,
    channel     text NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    reference   uuid NOT NULL UNIQUE,
    key         text NOT NULL,
    state       text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'waiting', 'opened', 'paid', 'failed', 'expired')),
    provider_id text,
    url         text,
    expires_at  timestamptz,
    payment_id  bigint REFERENCES payments.payment,
    error       text,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    checks      int NOT NULL DEFAULT 0,
    next_check  timestamptz,
    UNIQUE (created_by, key),
    CHECK ((state = 'paid') = (payment_id IS NOT NULL)),
    CHECK (state NOT IN ('waiting', 'opened', 'paid') OR provider_id IS NOT NULL)
);
CREATE INDEX link_due ON payments.link (next_check) WHERE next_check IS NOT NULL;
CREATE INDEX link_account ON payments.link (account_id, id DESC);
CREATE UNIQUE INDEX link_provider ON payments.link (channel, provider_id) WHERE provider_id IS NOT NULL;
COMMENT ON TABLE payments.link IS 'A link to pay on (ссылка на оплату).';
COMMENT ON COLUMN payments.link.reference IS 'Ours, told to the provider.';
COMMENT ON COLUMN payments.link.key IS 'One intention of one person is one link.';
COMMENT ON COLUMN payments.link.next_check IS 'When the provider is asked next; NULL when nothing is open any more.';

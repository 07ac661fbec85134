-- Balances that move between accounts on a document: credited to the wrong one, an heir's, an owner's, of an account that was
-- divided or joined. Posted as pairs of adjustments of the source `transfer`, so that no tiyn is lost of any service and component.
CREATE TABLE payments.transfer (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL CHECK (kind IN ('balance', 'division')),
    state       text NOT NULL CHECK (state IN ('waiting', 'posted', 'declined', 'reversed')),
    document_id bigint NOT NULL REFERENCES archive.document,
    reason      text NOT NULL CHECK (btrim(reason) <> ''),
    second      text[] NOT NULL DEFAULT '{}',
    proposed_by text NOT NULL,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    decided_by  text,
    decided_at  timestamptz,
    reversed_by text,
    reversed_at timestamptz,
    reversal_document_id bigint REFERENCES archive.document,
    CHECK (decided_by IS DISTINCT FROM proposed_by),
    CHECK (state <> 'posted' OR cardinality(second) = 0 OR decided_by IS NOT NULL)
);
CREATE INDEX transfer_state ON payments.transfer (state, id);
COMMENT ON TABLE payments.transfer IS 'A transfer of balances between accounts (перенос сальдо).';
COMMENT ON COLUMN payments.transfer.second IS 'Why a second person decides; empty where one is enough.';

CREATE TABLE payments.transfer_part (
    transfer_id  bigint NOT NULL REFERENCES payments.transfer,
    n            int NOT NULL,
    from_account bigint NOT NULL REFERENCES subscribers.account,
    to_account   bigint NOT NULL REFERENCES subscribers.account,
    open_item_id bigint NOT NULL,
    service      text,
    component    text NOT NULL,
    origin       date NOT NULL,
    due_on       date NOT NULL,
    amount       bigint NOT NULL CHECK (amount <> 0),
    PRIMARY KEY (transfer_id, n),
    FOREIGN KEY (from_account, open_item_id) REFERENCES ledger.open_item (account_id, id),
    CHECK (from_account <> to_account),
    CHECK ((service IS NULL) = (amount < 0))
);
CREATE INDEX transfer_part_from ON payments.transfer_part (from_account, transfer_id);
CREATE INDEX transfer_part_to ON payments.transfer_part (to_account, transfer_id);
COMMENT ON COLUMN payments.transfer_part.amount IS 'Tiyn: owed when positive, paid ahead when negative (an advance, of no service).';

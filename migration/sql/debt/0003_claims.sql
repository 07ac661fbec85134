-- Claims of debts by a notary, a court, in a bankruptcy: the sums are fixed when one is prepared.
CREATE TABLE debt.claim (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id    bigint NOT NULL REFERENCES subscribers.account,
    party_id      bigint NOT NULL REFERENCES subscribers.party,
    kind          text NOT NULL CHECK (kind IN ('notary', 'court', 'bankruptcy')),
    state         text NOT NULL CHECK (state IN ('prepared', 'demanded', 'filed', 'returned', 'granted', 'refused', 'annulled', 'enforced',
        'impossible', 'accepted', 'settled', 'satisfied', 'written_off', 'withdrawn')),
    document_id   bigint NOT NULL REFERENCES archive.document,
    amount        bigint NOT NULL CHECK (amount > 0),
    penalty_up_to date,
    prepared_on   date NOT NULL,
    filed_on      date,
    ended_on      date,
    stops_penalty boolean,
    prepared_by   text NOT NULL,
    changed_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((filed_on IS NULL) = (stops_penalty IS NULL)),
    CHECK ((ended_on IS NOT NULL) = (state IN ('refused', 'annulled', 'satisfied', 'written_off', 'withdrawn')))
);
CREATE INDEX claim_account ON debt.claim (account_id);
CREATE INDEX claim_live ON debt.claim (id) WHERE ended_on IS NULL;
COMMENT ON COLUMN debt.claim.party_id IS 'The debtor: who held the account when it was prepared, then when it was filed.';
COMMENT ON COLUMN debt.claim.document_id IS 'What it rests on: the statement of the debt, the claim itself.';
COMMENT ON COLUMN debt.claim.amount IS 'Tiyn claimed, without costs.';
COMMENT ON COLUMN debt.claim.penalty_up_to IS 'Penalty of the claimed debts as it was reckoned up to this day goes with them; none without it.';
COMMENT ON COLUMN debt.claim.filed_on IS 'When it was handed in first.';
COMMENT ON COLUMN debt.claim.ended_on IS 'When its sums became free again.';
COMMENT ON COLUMN debt.claim.stops_penalty IS 'Whether penalty rests on its items from filed_on on, by the setting of that day.';

CREATE TABLE debt.claim_item (
    claim_id     bigint NOT NULL REFERENCES debt.claim,
    account_id   bigint NOT NULL,
    open_item_id bigint NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (claim_id, open_item_id),
    FOREIGN KEY (account_id, open_item_id) REFERENCES ledger.open_item (account_id, id)
);
CREATE INDEX claim_item_item ON debt.claim_item (account_id, open_item_id);

-- What happened to a claim, in order. The last step may be taken back; nothing is changed or removed.
CREATE TABLE debt.claim_step (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    claim_id    bigint NOT NULL REFERENCES debt.claim,
    state       text NOT NULL,
    on_day      date NOT NULL,
    document_id bigint REFERENCES archive.document,
    authority   text,
    number      text,
    note        text,
    amount      bigint CHECK (amount > 0),
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    taken_back_by text,
    taken_back_at timestamptz,
    taken_back_document_id bigint REFERENCES archive.document,
    CHECK (num_nulls(taken_back_by, taken_back_at, taken_back_document_id) IN (0, 3))
);
CREATE INDEX claim_step_claim ON debt.claim_step (claim_id, id);
COMMENT ON COLUMN debt.claim_step.document_id IS 'None where money or an order brought it about.';
COMMENT ON COLUMN debt.claim_step.authority IS 'Which court, notary, bailiff or manager.';
COMMENT ON COLUMN debt.claim_step.number IS 'Of the case, the writ or the proceeding.';
COMMENT ON COLUMN debt.claim_step.amount IS 'Tiyn that the step names, as what was granted.';

-- What a claim costs: asked back from the debtor as a charge of its own, on its document.
CREATE TABLE debt.claim_cost (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    claim_id    bigint NOT NULL REFERENCES debt.claim,
    account_id  bigint NOT NULL REFERENCES subscribers.account,
    kind        text NOT NULL CHECK (kind IN ('state_fee', 'notary_fee', 'bailiff_fee', 'expert', 'other')),
    on_day      date NOT NULL,
    amount      bigint NOT NULL CHECK (amount > 0),
    period      date NOT NULL,
    due_on      date NOT NULL,
    document_id bigint NOT NULL REFERENCES archive.document,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    reversed_by text,
    reversed_at timestamptz,
    reversal_document_id bigint REFERENCES archive.document,
    CHECK (num_nulls(reversed_by, reversed_at, reversal_document_id) IN (0, 3))
);
CREATE UNIQUE INDEX claim_cost_same_document ON debt.claim_cost (claim_id, kind, document_id) WHERE reversed_at IS NULL;
COMMENT ON COLUMN debt.claim_cost.amount IS 'Tiyn; no VAT is on it.';
COMMENT ON COLUMN debt.claim_cost.period IS 'The month it is posted in.';

-- A claim that is filed interrupts the time of limitation by itself; a filing taken back never did.
ALTER TABLE debt.interruption ADD COLUMN claim_step_id bigint REFERENCES debt.claim_step, ADD COLUMN withdrawn_at timestamptz;
CREATE INDEX interruption_step ON debt.interruption (claim_step_id) WHERE claim_step_id IS NOT NULL;

-- A debtor whose debt is claimed is warned no more.
ALTER TABLE debt.notice DROP CONSTRAINT notice_state_check,
    ADD CONSTRAINT notice_state_check CHECK (state IN ('warned', 'paid', 'plan', 'disputed', 'claimed', 'disconnected', 'reconnected', 'withdrawn'));

-- For a demo that was loaded before the settings existed; a real installation proposes and confirms its own.
INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT terms.code, to_jsonb(terms.value), order_of.valid, 'practice, to be confirmed', order_of.proposed_by, order_of.confirmed_by, now(), true
FROM tariffs.setting order_of
CROSS JOIN (VALUES ('debt.claim_days', '90'), ('debt.claim_min_sum', '10000'), ('debt.claim_stops_penalty', 'yes')) AS terms (code, value)
WHERE order_of.code = 'payments.allocation_order' AND order_of.demo AND order_of.confirmed_by IS NOT NULL
  AND upper_inf(order_of.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code = terms.code);

-- Cash desks: shifts, what moved in them, counts, orders, fiscal receipts. What happened is never changed, and a shift that was
-- closed takes nothing more, whoever asks and however: triggers refuse it.
CREATE SCHEMA cashdesk;
COMMENT ON SCHEMA cashdesk IS 'Cash desks (касса): shifts, operations, counts, orders, fiscal receipts.';

CREATE TABLE cashdesk.desk (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code     text NOT NULL CONSTRAINT desk_code_key UNIQUE CHECK (code ~ '^[0-9A-Z-]{1,12}$'),
    name_kk  text NOT NULL CHECK (btrim(name_kk) <> ''),
    name_ru  text NOT NULL CHECK (btrim(name_ru) <> ''),
    name_en  text NOT NULL CHECK (btrim(name_en) <> ''),
    provider text NOT NULL DEFAULT 'none' CHECK (provider IN ('none', 'webkassa')),
    cashbox  text CONSTRAINT desk_cashbox_key UNIQUE CHECK (cashbox ~ '^[0-9A-Za-z-]{3,40}$'),
    cashiers text[] NOT NULL DEFAULT '{}',
    active   boolean NOT NULL DEFAULT true,
    version  int NOT NULL DEFAULT 1,
    CONSTRAINT desk_has_cashbox CHECK ((provider = 'none') = (cashbox IS NULL))
);
COMMENT ON TABLE cashdesk.desk IS 'A cash desk (касса).';
COMMENT ON COLUMN cashdesk.desk.code IS 'Short, as it stands on papers: "01".';
COMMENT ON COLUMN cashdesk.desk.name_kk IS 'Name in Kazakh.';
COMMENT ON COLUMN cashdesk.desk.name_ru IS 'Name in Russian.';
COMMENT ON COLUMN cashdesk.desk.name_en IS 'Name in English.';
COMMENT ON COLUMN cashdesk.desk.provider IS 'Who registers its receipts: `FiscalProviderCode`.';
COMMENT ON COLUMN cashdesk.desk.cashbox IS 'Number of its cash register at the provider; null without one.';
COMMENT ON COLUMN cashdesk.desk.cashiers IS 'Logins of those who may sit here.';
COMMENT ON COLUMN cashdesk.desk.active IS 'Whether a shift may be opened.';
COMMENT ON COLUMN cashdesk.desk.version IS 'Grows with each change.';

CREATE TABLE cashdesk.denomination (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind   text NOT NULL CHECK (kind IN ('note', 'coin')),
    value  bigint NOT NULL CHECK (value > 0),
    design text NOT NULL DEFAULT '',
    valid  daterange NOT NULL CHECK (NOT isempty(valid)),
    source text NOT NULL,
    recorded_by text NOT NULL,
    CONSTRAINT denomination_once EXCLUDE USING gist (kind WITH =, value WITH =, design WITH =, valid WITH &&)
);
COMMENT ON TABLE cashdesk.denomination IS 'Banknotes and coins with the days on which they are money (денежные знаки).';
COMMENT ON COLUMN cashdesk.denomination.kind IS '`DenominationKind`.';
COMMENT ON COLUMN cashdesk.denomination.value IS 'Tiyn.';
COMMENT ON COLUMN cashdesk.denomination.design IS 'Tells two designs of one value apart while both are money; empty otherwise.';
COMMENT ON COLUMN cashdesk.denomination.valid IS 'Days on which it is money.';
COMMENT ON COLUMN cashdesk.denomination.source IS 'Where the days come from.';
COMMENT ON COLUMN cashdesk.denomination.recorded_by IS 'Login of who recorded it.';
INSERT INTO cashdesk.denomination (kind, value, valid, source, recorded_by)
SELECT kind, value * 100, daterange(since::date, NULL), source, 'migration'
FROM (VALUES
    ('note', 20000, '2015-12-01', 'National Bank: series of 2015'),
    ('note', 10000, '2006-11-15', 'National Bank: series of 2006'),
    ('note', 5000, '2006-11-15', 'National Bank: series of 2006'),
    ('note', 2000, '2006-11-15', 'National Bank: series of 2006'),
    ('note', 1000, '2006-11-15', 'National Bank: series of 2006'),
    ('note', 500, '2006-11-15', 'National Bank: series of 2006'),
    ('note', 200, '2006-11-15', 'National Bank: money until it is withdrawn, to be confirmed'),
    ('coin', 200, '2020-01-27', 'National Bank: coin instead of the note'),
    ('coin', 100, '2002-01-01', 'practice, to be confirmed'),
    ('coin', 50, '1997-01-01', 'practice, to be confirmed'),
    ('coin', 20, '1997-01-01', 'practice, to be confirmed'),
    ('coin', 10, '1997-01-01', 'practice, to be confirmed'),
    ('coin', 5, '1997-01-01', 'practice, to be confirmed'),
    ('coin', 2, '2005-01-01', 'practice, to be confirmed'),
    ('coin', 1, '1997-01-01', 'practice, to be confirmed')) AS known (kind, value, since, source);

CREATE TABLE cashdesk.shift (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    desk_id   bigint NOT NULL REFERENCES cashdesk.desk,
    number    int NOT NULL CHECK (number > 0),
    cashier   text NOT NULL CHECK (cashier <> ''),
    opened_on date NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    opening   bigint NOT NULL CHECK (opening >= 0),
    closed_on date,
    closed_at timestamptz,
    closed_by text,
    count_id  bigint,
    reason    text CHECK (btrim(reason) <> ''),
    z         jsonb,
    UNIQUE (desk_id, number),
    CONSTRAINT shift_closed_whole CHECK (num_nulls(closed_on, closed_at, closed_by, count_id, z) IN (0, 5))
);
CREATE UNIQUE INDEX shift_open_desk ON cashdesk.shift (desk_id) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX shift_open_cashier ON cashdesk.shift (cashier) WHERE closed_at IS NULL;
CREATE INDEX shift_cashier ON cashdesk.shift (cashier, id);
COMMENT ON TABLE cashdesk.shift IS 'A shift of a desk (смена): one open per desk, one per cashier.';
COMMENT ON COLUMN cashdesk.shift.number IS 'Of its desk, without gaps; the number of its Z.';
COMMENT ON COLUMN cashdesk.shift.cashier IS 'Login of who sits there.';
COMMENT ON COLUMN cashdesk.shift.opened_on IS 'Business date of the opening.';
COMMENT ON COLUMN cashdesk.shift.opened_at IS 'Moment of the opening: how long it may be open counts from here.';
COMMENT ON COLUMN cashdesk.shift.opening IS 'Tiyn in the drawer, carried from the shift before.';
COMMENT ON COLUMN cashdesk.shift.closed_on IS 'Business date of Z.';
COMMENT ON COLUMN cashdesk.shift.closed_at IS 'Moment of Z; null while it is open.';
COMMENT ON COLUMN cashdesk.shift.closed_by IS 'Login of who closed it.';
COMMENT ON COLUMN cashdesk.shift.count_id IS 'The count that it was closed with.';
COMMENT ON COLUMN cashdesk.shift.reason IS 'Why the count differed from the books.';
COMMENT ON COLUMN cashdesk.shift.z IS 'Z: the turnover as it was at the end (`domain::cashdesk::Turnover`).';

CREATE TABLE cashdesk.operation (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shift_id bigint NOT NULL REFERENCES cashdesk.shift,
    desk_id  bigint NOT NULL REFERENCES cashdesk.desk,
    kind     text NOT NULL CHECK (kind IN ('sale', 'refund', 'void', 'pay_in', 'pay_out', 'collection', 'handover_out', 'handover_in',
                                           'shortage', 'surplus')),
    key      text NOT NULL CHECK (key <> ''),
    on_day   date NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    by       text NOT NULL CHECK (by <> ''),
    cash     bigint NOT NULL,
    card     bigint NOT NULL DEFAULT 0,
    rounding bigint NOT NULL DEFAULT 0,
    given    bigint CHECK (given >= 0),
    change   bigint NOT NULL DEFAULT 0 CHECK (change >= 0),
    of_id    bigint REFERENCES cashdesk.operation,
    to_desk_id bigint REFERENCES cashdesk.desk,
    person   text,
    basis    text,
    bag      text,
    document_id bigint REFERENCES archive.document,
    CONSTRAINT operation_key UNIQUE (desk_id, key),
    CONSTRAINT operation_moves CHECK (cash <> 0 OR card <> 0),
    CONSTRAINT operation_direction CHECK (CASE
        WHEN kind IN ('sale', 'pay_in', 'handover_in', 'surplus') THEN cash >= 0 AND card >= 0 ELSE cash <= 0 AND card <= 0 END),
    CONSTRAINT operation_of CHECK ((kind IN ('refund', 'void', 'handover_in')) = (of_id IS NOT NULL)),
    CONSTRAINT operation_to CHECK ((kind = 'handover_out') = (to_desk_id IS NOT NULL)),
    CONSTRAINT operation_basis CHECK (kind IN ('sale', 'handover_in', 'shortage', 'surplus') OR btrim(basis) <> ''),
    CONSTRAINT operation_bag CHECK ((kind = 'collection') = (bag IS NOT NULL))
);
CREATE INDEX operation_shift ON cashdesk.operation (shift_id, id);
CREATE INDEX operation_of ON cashdesk.operation (of_id) WHERE of_id IS NOT NULL;
CREATE UNIQUE INDEX operation_voided_once ON cashdesk.operation (of_id) WHERE kind = 'void';
CREATE UNIQUE INDEX operation_taken_over_once ON cashdesk.operation (of_id) WHERE kind = 'handover_in';
CREATE UNIQUE INDEX operation_bag_once ON cashdesk.operation (bag, on_day) WHERE kind = 'collection';
COMMENT ON TABLE cashdesk.operation IS 'What moved money at a desk (кассовая операция). Append-only: an undoing is a row of its own.';
COMMENT ON COLUMN cashdesk.operation.kind IS '`CashOperationKind`.';
COMMENT ON COLUMN cashdesk.operation.key IS 'The client''s own: the same one is the same operation, for ever.';
COMMENT ON COLUMN cashdesk.operation.on_day IS 'Business date.';
COMMENT ON COLUMN cashdesk.operation.at IS 'Moment.';
COMMENT ON COLUMN cashdesk.operation.by IS 'Login of who did it.';
COMMENT ON COLUMN cashdesk.operation.cash IS 'Tiyn that the drawer has more; negative what it has less.';
COMMENT ON COLUMN cashdesk.operation.card IS 'The same by card, outside of the drawer.';
COMMENT ON COLUMN cashdesk.operation.rounding IS 'Tiyn taken less asked for: cash is whole units.';
COMMENT ON COLUMN cashdesk.operation.given IS 'Tiyn of cash that the payer gave, where it was said.';
COMMENT ON COLUMN cashdesk.operation.change IS 'Tiyn given back of it.';
COMMENT ON COLUMN cashdesk.operation.of_id IS 'The sale that is undone; what another desk handed over.';
COMMENT ON COLUMN cashdesk.operation.to_desk_id IS 'To which desk it is handed over.';
COMMENT ON COLUMN cashdesk.operation.person IS 'From whom or to whom, as on the order.';
COMMENT ON COLUMN cashdesk.operation.basis IS 'Why (основание), as on the order.';
COMMENT ON COLUMN cashdesk.operation.bag IS 'Number of the collectors'' bag.';
COMMENT ON COLUMN cashdesk.operation.document_id IS 'The registered document behind it, where there is one.';

CREATE TABLE cashdesk.operation_line (
    operation_id bigint NOT NULL REFERENCES cashdesk.operation,
    n            int NOT NULL CHECK (n > 0),
    account_id   bigint NOT NULL REFERENCES subscribers.account,
    sector       text NOT NULL,
    asked        bigint NOT NULL CHECK (asked > 0),
    cash         bigint NOT NULL CHECK (cash >= 0),
    card         bigint NOT NULL CHECK (card >= 0),
    of_n         int,
    cash_payment_id bigint REFERENCES payments.payment,
    card_payment_id bigint REFERENCES payments.payment,
    PRIMARY KEY (operation_id, n)
);
CREATE INDEX operation_line_account ON cashdesk.operation_line (account_id, operation_id);
CREATE INDEX operation_line_cash ON cashdesk.operation_line (cash_payment_id) WHERE cash_payment_id IS NOT NULL;
CREATE INDEX operation_line_card ON cashdesk.operation_line (card_payment_id) WHERE card_payment_id IS NOT NULL;
COMMENT ON TABLE cashdesk.operation_line IS 'An account of a sale, a void or a return (строка чека).';
COMMENT ON COLUMN cashdesk.operation_line.n IS 'Place in the receipt, from one.';
COMMENT ON COLUMN cashdesk.operation_line.sector IS 'The account''s, for reports by sector.';
COMMENT ON COLUMN cashdesk.operation_line.asked IS 'Tiyn that the payer wanted credited.';
COMMENT ON COLUMN cashdesk.operation_line.cash IS 'Tiyn credited in cash, or given back.';
COMMENT ON COLUMN cashdesk.operation_line.card IS 'Tiyn credited by card, or given back.';
COMMENT ON COLUMN cashdesk.operation_line.of_n IS 'The line of the sale that a void or return is about.';
COMMENT ON COLUMN cashdesk.operation_line.cash_payment_id IS 'The payment that stands for the cash of this line now; null when nothing is left of it.';
COMMENT ON COLUMN cashdesk.operation_line.card_payment_id IS 'The same of the card.';

-- Whoever undoes payments asks it: what was taken over the counter is given back there, so that drawer and books know.
CREATE VIEW payments.taken_at_desk AS
SELECT cash_payment_id AS payment_id FROM cashdesk.operation_line WHERE cash_payment_id IS NOT NULL
UNION ALL
SELECT card_payment_id FROM cashdesk.operation_line WHERE card_payment_id IS NOT NULL;
COMMENT ON VIEW payments.taken_at_desk IS 'Payments that cash desks took (платежи касс): only a desk undoes them.';

-- "card" is the desks' own way of taking money: no agent's channel is called so.
ALTER TABLE payments.channel ADD CONSTRAINT channel_code_is_free CHECK (code <> 'card');

CREATE TABLE cashdesk.entry (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation_id bigint NOT NULL REFERENCES cashdesk.operation,
    desk_id      bigint NOT NULL REFERENCES cashdesk.desk,
    cashier      text NOT NULL,
    on_day       date NOT NULL,
    debit        text NOT NULL CHECK (debit IN ('cash', 'in_transit', 'card', 'subscribers', 'office', 'handover', 'cashier', 'surplus')),
    credit       text NOT NULL CHECK (credit IN ('cash', 'in_transit', 'card', 'subscribers', 'office', 'handover', 'cashier', 'surplus')),
    amount       bigint NOT NULL CHECK (amount > 0),
    CHECK (debit <> credit)
);
CREATE INDEX entry_desk ON cashdesk.entry (desk_id, on_day);
CREATE INDEX entry_operation ON cashdesk.entry (operation_id);
COMMENT ON TABLE cashdesk.entry IS 'The desks'' own double entry, each row a balanced pair (проводка кассы): cash of each desk, bags on their way, a cashier''s shortage.';
COMMENT ON COLUMN cashdesk.entry.desk_id IS 'Whose drawer.';
COMMENT ON COLUMN cashdesk.entry.cashier IS 'Login of the shift''s cashier: who owes a shortage.';
COMMENT ON COLUMN cashdesk.entry.on_day IS 'Business date.';
COMMENT ON COLUMN cashdesk.entry.debit IS '`CashAccount`.';
COMMENT ON COLUMN cashdesk.entry.credit IS '`CashAccount`.';
COMMENT ON COLUMN cashdesk.entry.amount IS 'Tiyn.';

CREATE TABLE cashdesk.count (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shift_id   bigint NOT NULL REFERENCES cashdesk.shift,
    kind       text NOT NULL CHECK (kind IN ('check', 'closing')),
    total      bigint NOT NULL CHECK (total >= 0),
    expected   bigint NOT NULL,
    upto       bigint NOT NULL,
    counted_by text NOT NULL,
    counted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    witness    text,
    witnessed_at timestamptz,
    CONSTRAINT count_witness_is_another CHECK (witness <> counted_by),
    CHECK (num_nulls(witness, witnessed_at) IN (0, 2))
);
CREATE INDEX count_shift ON cashdesk.count (shift_id, id);
ALTER TABLE cashdesk.shift ADD CONSTRAINT shift_count FOREIGN KEY (count_id) REFERENCES cashdesk.count;
COMMENT ON TABLE cashdesk.count IS 'Money counted (пересчёт), before anybody said what to expect. Each one stays, also when it is counted again.';
COMMENT ON COLUMN cashdesk.count.kind IS '`CashCountKind`.';
COMMENT ON COLUMN cashdesk.count.total IS 'Tiyn counted.';
COMMENT ON COLUMN cashdesk.count.expected IS 'Tiyn that the books expected at that moment.';
COMMENT ON COLUMN cashdesk.count.upto IS 'The last operation before it; 0 before the first.';
COMMENT ON COLUMN cashdesk.count.counted_by IS 'Login of who counted.';
COMMENT ON COLUMN cashdesk.count.counted_at IS 'Moment.';
COMMENT ON COLUMN cashdesk.count.witness IS 'Login of who watched; null until that person signs.';
COMMENT ON COLUMN cashdesk.count.witnessed_at IS 'Moment of the signature.';

CREATE TABLE cashdesk.count_line (
    count_id        bigint NOT NULL REFERENCES cashdesk.count,
    denomination_id bigint NOT NULL REFERENCES cashdesk.denomination,
    pieces          int NOT NULL CHECK (pieces > 0),
    PRIMARY KEY (count_id, denomination_id)
);
COMMENT ON TABLE cashdesk.count_line IS 'So many of one denomination (покупюрный пересчёт).';
COMMENT ON COLUMN cashdesk.count_line.pieces IS 'Notes or coins.';

CREATE TABLE cashdesk.cash_order (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    desk_id      bigint NOT NULL REFERENCES cashdesk.desk,
    kind         text NOT NULL CHECK (kind IN ('receipt', 'payout')),
    year         int NOT NULL,
    number       int NOT NULL CHECK (number > 0),
    shift_id     bigint NOT NULL REFERENCES cashdesk.shift,
    operation_id bigint REFERENCES cashdesk.operation,
    on_day       date NOT NULL,
    amount       bigint NOT NULL CHECK (amount > 0),
    person       text NOT NULL,
    basis        text NOT NULL,
    made_by      text NOT NULL,
    made_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT cash_order_number UNIQUE (desk_id, year, kind, number)
);
CREATE UNIQUE INDEX cash_order_of_operation ON cashdesk.cash_order (operation_id) WHERE operation_id IS NOT NULL;
CREATE UNIQUE INDEX cash_order_of_sales ON cashdesk.cash_order (shift_id) WHERE operation_id IS NULL;
CREATE INDEX cash_order_day ON cashdesk.cash_order (desk_id, on_day, id);
COMMENT ON TABLE cashdesk.cash_order IS 'Cash orders KO-1 and KO-2 (приходные и расходные кассовые ордера), numbered without gaps by desk, year and kind.';
COMMENT ON COLUMN cashdesk.cash_order.kind IS '`CashOrderKind`.';
COMMENT ON COLUMN cashdesk.cash_order.operation_id IS 'What it is about; null for the order of all sales of a shift.';
COMMENT ON COLUMN cashdesk.cash_order.amount IS 'Tiyn.';
COMMENT ON COLUMN cashdesk.cash_order.person IS 'From whom or to whom.';
COMMENT ON COLUMN cashdesk.cash_order.basis IS 'Why (основание).';
COMMENT ON COLUMN cashdesk.cash_order.made_by IS 'Login.';

CREATE TABLE cashdesk.receipt (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    desk_id      bigint NOT NULL REFERENCES cashdesk.desk,
    shift_id     bigint NOT NULL REFERENCES cashdesk.shift,
    operation_id bigint CONSTRAINT receipt_operation_key UNIQUE REFERENCES cashdesk.operation,
    provider     text NOT NULL,
    cashbox      text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('sell', 'refund', 'money_in', 'money_out', 'z')),
    external_number text NOT NULL UNIQUE CHECK (length(external_number) BETWEEN 1 AND 50),
    content      jsonb NOT NULL,
    state        text NOT NULL DEFAULT 'waiting'
                 CHECK (state IN ('waiting', 'asking', 'done', 'offline', 'refused', 'cancelled')),
    attempts     int NOT NULL DEFAULT 0,
    next_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    after_z      boolean NOT NULL DEFAULT false,
    error_code   int,
    error        text,
    check_number text,
    registration_number text,
    registered   text,
    fiscal_shift bigint,
    ticket_url   text,
    answer       jsonb,
    created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at  timestamptz,
    CHECK ((kind = 'z') = (operation_id IS NULL))
);
CREATE UNIQUE INDEX receipt_z_once ON cashdesk.receipt (shift_id) WHERE kind = 'z';
CREATE INDEX receipt_queue ON cashdesk.receipt (cashbox, id) WHERE state IN ('waiting', 'asking');
CREATE INDEX receipt_desk ON cashdesk.receipt (desk_id, id);
COMMENT ON TABLE cashdesk.receipt IS 'Fiscal documents (фискальные документы): kept with their number before anybody is called, worked off one by one per cash register.';
COMMENT ON COLUMN cashdesk.receipt.operation_id IS 'What it registers; null for Z.';
COMMENT ON COLUMN cashdesk.receipt.provider IS '`FiscalProviderCode` at that time.';
COMMENT ON COLUMN cashdesk.receipt.cashbox IS 'The cash register''s number: documents of one are worked off in their order.';
COMMENT ON COLUMN cashdesk.receipt.kind IS '`FiscalKind`.';
COMMENT ON COLUMN cashdesk.receipt.external_number IS 'Our number of it at the provider; the same one is the same document.';
COMMENT ON COLUMN cashdesk.receipt.content IS 'What is registered, in the product''s words (`adapters::fiscal::Content`).';
COMMENT ON COLUMN cashdesk.receipt.state IS '`FiscalState`.';
COMMENT ON COLUMN cashdesk.receipt.attempts IS 'Calls so far.';
COMMENT ON COLUMN cashdesk.receipt.next_at IS 'When it is tried next.';
COMMENT ON COLUMN cashdesk.receipt.after_z IS 'The register wants its shift closed first.';
COMMENT ON COLUMN cashdesk.receipt.error_code IS 'What the provider said last when it did not do it.';
COMMENT ON COLUMN cashdesk.receipt.error IS 'The same in words.';
COMMENT ON COLUMN cashdesk.receipt.check_number IS 'Fiscal sign (фискальный признак).';
COMMENT ON COLUMN cashdesk.receipt.registration_number IS 'Of the register, at the tax service (РНМ).';
COMMENT ON COLUMN cashdesk.receipt.registered IS 'When, as the provider writes it: a return refers to it word for word.';
COMMENT ON COLUMN cashdesk.receipt.fiscal_shift IS 'The register''s own number of its shift.';
COMMENT ON COLUMN cashdesk.receipt.ticket_url IS 'Where the payer can look at it.';
COMMENT ON COLUMN cashdesk.receipt.answer IS 'The provider''s answer, whole.';

CREATE TABLE cashdesk.register_lease (
    cashbox text PRIMARY KEY,
    holder  text NOT NULL,
    until   timestamptz NOT NULL
);
COMMENT ON TABLE cashdesk.register_lease IS 'Which worker calls a cash register now: one at a time, without a transaction that stays open during calls.';
COMMENT ON COLUMN cashdesk.register_lease.cashbox IS 'The cash register''s number.';
COMMENT ON COLUMN cashdesk.register_lease.holder IS 'The worker, a number of its own.';
COMMENT ON COLUMN cashdesk.register_lease.until IS 'When it is free although nobody said so: its worker has not renewed it, so it ended.';

-- What happened stays as it was.
CREATE FUNCTION cashdesk.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'APPEND_ONLY' USING ERRCODE = 'P0001', HINT = 'undo it by an operation of its own';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cashdesk.operation
    FOR EACH STATEMENT EXECUTE FUNCTION cashdesk.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cashdesk.operation_line
    FOR EACH STATEMENT EXECUTE FUNCTION cashdesk.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cashdesk.entry
    FOR EACH STATEMENT EXECUTE FUNCTION cashdesk.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cashdesk.count_line
    FOR EACH STATEMENT EXECUTE FUNCTION cashdesk.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON cashdesk.cash_order
    FOR EACH STATEMENT EXECUTE FUNCTION cashdesk.refuse_change();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON cashdesk.shift
    FOR EACH STATEMENT EXECUTE FUNCTION cashdesk.refuse_change();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON cashdesk.count
    FOR EACH STATEMENT EXECUTE FUNCTION cashdesk.refuse_change();
CREATE TRIGGER kept BEFORE DELETE OR TRUNCATE ON cashdesk.receipt
    FOR EACH STATEMENT EXECUTE FUNCTION cashdesk.refuse_change();

-- A shift changes once: it is closed.
CREATE FUNCTION cashdesk.close_once() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'SHIFT_CLOSED' USING ERRCODE = 'P0001', HINT = 'a closed shift is immutable';
    END IF;
    IF (NEW.id, NEW.desk_id, NEW.number, NEW.cashier, NEW.opened_on, NEW.opened_at, NEW.opening)
       IS DISTINCT FROM (OLD.id, OLD.desk_id, OLD.number, OLD.cashier, OLD.opened_on, OLD.opened_at, OLD.opening)
       OR NEW.closed_at IS NULL THEN
        RAISE EXCEPTION 'APPEND_ONLY' USING ERRCODE = 'P0001', HINT = 'a shift can only be closed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER close_once BEFORE UPDATE ON cashdesk.shift
    FOR EACH ROW EXECUTE FUNCTION cashdesk.close_once();

-- Nothing is written into a closed shift, nor into a day before it was opened.
CREATE FUNCTION cashdesk.into_open_shift() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    target cashdesk.shift;
BEGIN
    SELECT s.* INTO target FROM cashdesk.shift s WHERE s.id = NEW.shift_id FOR SHARE;
    IF target.closed_at IS NOT NULL THEN
        RAISE EXCEPTION 'SHIFT_CLOSED' USING ERRCODE = 'P0001', HINT = 'a closed shift is immutable';
    END IF;
    IF TG_TABLE_NAME = 'operation' THEN
        IF NEW.on_day < target.opened_on OR NEW.desk_id <> target.desk_id THEN
            RAISE EXCEPTION 'OTHER_SHIFT' USING ERRCODE = 'P0001', HINT = 'not of this shift''s desk and days';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER open_shift BEFORE INSERT ON cashdesk.operation
    FOR EACH ROW EXECUTE FUNCTION cashdesk.into_open_shift();
CREATE TRIGGER open_shift BEFORE INSERT ON cashdesk.count
    FOR EACH ROW EXECUTE FUNCTION cashdesk.into_open_shift();
CREATE TRIGGER open_shift BEFORE INSERT ON cashdesk.cash_order
    FOR EACH ROW EXECUTE FUNCTION cashdesk.into_open_shift();

-- Lines and entries belong to an operation of an open shift, lines of a count to a count of one.
CREATE FUNCTION cashdesk.of_open_shift() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    closed boolean;
BEGIN
    IF TG_TABLE_NAME = 'count_line' THEN
        SELECT s.closed_at IS NOT NULL INTO closed
        FROM cashdesk.count c JOIN cashdesk.shift s ON s.id = c.shift_id WHERE c.id = NEW.count_id;
    ELSE
        SELECT s.closed_at IS NOT NULL INTO closed
        FROM cashdesk.operation o JOIN cashdesk.shift s ON s.id = o.shift_id WHERE o.id = NEW.operation_id;
    END IF;
    IF closed THEN
        RAISE EXCEPTION 'SHIFT_CLOSED' USING ERRCODE = 'P0001', HINT = 'a closed shift is immutable';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER open_shift BEFORE INSERT ON cashdesk.operation_line
    FOR EACH ROW EXECUTE FUNCTION cashdesk.of_open_shift();
CREATE TRIGGER open_shift BEFORE INSERT ON cashdesk.entry
    FOR EACH ROW EXECUTE FUNCTION cashdesk.of_open_shift();
CREATE TRIGGER open_shift BEFORE INSERT ON cashdesk.count_line
    FOR EACH ROW EXECUTE FUNCTION cashdesk.of_open_shift();

-- A count changes once: its witness signs.
CREATE FUNCTION cashdesk.witness_once() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.witness IS NOT NULL
       OR (NEW.id, NEW.shift_id, NEW.kind, NEW.total, NEW.expected, NEW.upto, NEW.counted_by, NEW.counted_at)
          IS DISTINCT FROM (OLD.id, OLD.shift_id, OLD.kind, OLD.total, OLD.expected, OLD.upto, OLD.counted_by, OLD.counted_at) THEN
        RAISE EXCEPTION 'APPEND_ONLY' USING ERRCODE = 'P0001', HINT = 'count again';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER witness_once BEFORE UPDATE ON cashdesk.count
    FOR EACH ROW EXECUTE FUNCTION cashdesk.witness_once();

-- No number is left out: each order has the next one of its desk, year and kind.
CREATE FUNCTION cashdesk.without_gaps() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('cashdesk.cash_order'), NEW.desk_id::int);
    IF NEW.number <> 1 + coalesce((SELECT max(o.number) FROM cashdesk.cash_order o
                                   WHERE (o.desk_id, o.year, o.kind) = (NEW.desk_id, NEW.year, NEW.kind)), 0)
       OR NEW.year <> extract(year FROM NEW.on_day) THEN
        RAISE EXCEPTION 'ORDER_NUMBER' USING ERRCODE = 'P0001', HINT = 'orders are numbered without gaps';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER without_gaps BEFORE INSERT ON cashdesk.cash_order
    FOR EACH ROW EXECUTE FUNCTION cashdesk.without_gaps();

-- What the register has is not made undone here; what is to be registered stays what it was.
CREATE FUNCTION cashdesk.registered_stays() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('done', 'offline', 'cancelled')
       OR (NEW.id, NEW.desk_id, NEW.shift_id, NEW.operation_id, NEW.cashbox, NEW.kind, NEW.external_number, NEW.content)
          IS DISTINCT FROM (OLD.id, OLD.desk_id, OLD.shift_id, OLD.operation_id, OLD.cashbox, OLD.kind, OLD.external_number, OLD.content) THEN
        RAISE EXCEPTION 'APPEND_ONLY' USING ERRCODE = 'P0001', HINT = 'a registered document is undone by a return';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER registered_stays BEFORE UPDATE ON cashdesk.receipt
    FOR EACH ROW EXECUTE FUNCTION cashdesk.registered_stays();

-- For a demo that was loaded before the settings existed; a real installation proposes and confirms its own.
INSERT INTO tariffs.setting (code, value, valid, source, proposed_by, confirmed_by, confirmed_at, demo)
SELECT terms.code, to_jsonb(terms.value), order_of.valid, terms.source, order_of.proposed_by, order_of.confirmed_by, now(), true
FROM tariffs.setting order_of
CROSS JOIN (VALUES
    ('cashdesk.cash_unit', '1', 'decree No. 549 of 07.02.2001, paragraph 5-1: arithmetic rounding to whole tenge, to be confirmed'),
    ('cashdesk.shift_hours', '24', 'rules of cash registers: a shift is 24 hours at most'),
    ('cashdesk.offline_hours', '72', 'rules of cash registers: 72 hours without a line at most'),
    ('cashdesk.orders_of_sales', 'shift', 'practice, to be confirmed')) AS terms (code, value, source)
WHERE order_of.code = 'payments.allocation_order' AND order_of.demo AND order_of.confirmed_by IS NOT NULL
  AND upper_inf(order_of.recorded)
  AND NOT EXISTS (SELECT FROM tariffs.setting s WHERE s.code = terms.code);

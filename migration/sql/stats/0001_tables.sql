CREATE SCHEMA stats;

-- Sums of the city by district and sector, kept by the transactions that move them. A payment adds a row here instead of
-- changing one, so that payers never queue behind a total; `stats.fold` adds the rows up now and then. Reading costs a few
-- hundred rows however large the city is.

-- What was charged and paid: one row per month, district, sector and kind, or several to be added up.
CREATE TABLE stats.turnover (
    period      date NOT NULL,
    district_id bigint NOT NULL,
    sector      text NOT NULL,
    kind        text NOT NULL,
    amount      bigint NOT NULL
);
CREATE INDEX turnover_period ON stats.turnover (period);
COMMENT ON COLUMN stats.turnover.amount IS 'Tiyn, signed as in ledger.account_total.';

-- What is owed and what is paid ahead, by the day it is due: the ageing of receivables falls out of it.
CREATE TABLE stats.receivable (
    district_id bigint NOT NULL,
    sector      text NOT NULL,
    due_on      date NOT NULL,
    run_id      bigint,
    owed        bigint NOT NULL,
    advance     bigint NOT NULL
);
COMMENT ON COLUMN stats.receivable.run_id IS 'The run that charged it, NULL for all else: what is on hold is left out when read.';
COMMENT ON COLUMN stats.receivable.owed IS 'Tiyn not settled of items above zero.';
COMMENT ON COLUMN stats.receivable.advance IS 'Tiyn not used of items below zero, as a positive number.';

CREATE FUNCTION stats.turnover_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO stats.turnover
        SELECT g.period, a.district_id, g.sector, g.kind, -sum(g.amount)
        FROM gone g JOIN subscribers.account a ON a.id = g.account_id
        GROUP BY 1, 2, 3, 4;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO stats.turnover
        SELECT w.period, a.district_id, w.sector, w.kind, sum(w.amount)
        FROM written w JOIN subscribers.account a ON a.id = w.account_id
        GROUP BY 1, 2, 3, 4;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION stats.receivable_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO stats.receivable
        SELECT a.district_id, g.sector, g.due_on, CASE g.source WHEN 'run' THEN g.source_id END,
               -coalesce(sum(g.amount - g.settled) FILTER (WHERE g.amount > 0), 0),
               coalesce(sum(g.amount - g.settled) FILTER (WHERE g.amount < 0), 0)
        FROM gone g JOIN subscribers.account a ON a.id = g.account_id
        GROUP BY 1, 2, 3, 4;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO stats.receivable
        SELECT a.district_id, w.sector, w.due_on, CASE w.source WHEN 'run' THEN w.source_id END,
               coalesce(sum(w.amount - w.settled) FILTER (WHERE w.amount > 0), 0),
               -coalesce(sum(w.amount - w.settled) FILTER (WHERE w.amount < 0), 0)
        FROM written w JOIN subscribers.account a ON a.id = w.account_id
        GROUP BY 1, 2, 3, 4;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER stats_inserted AFTER INSERT ON ledger.account_total REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION stats.turnover_moved();
CREATE TRIGGER stats_updated AFTER UPDATE ON ledger.account_total REFERENCING OLD TABLE AS gone NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION stats.turnover_moved();
CREATE TRIGGER stats_deleted AFTER DELETE ON ledger.account_total REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION stats.turnover_moved();
CREATE TRIGGER stats_inserted AFTER INSERT ON ledger.open_item REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION stats.receivable_moved();
CREATE TRIGGER stats_updated AFTER UPDATE ON ledger.open_item REFERENCING OLD TABLE AS gone NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION stats.receivable_moved();
CREATE TRIGGER stats_deleted AFTER DELETE ON ledger.open_item REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION stats.receivable_moved();

-- Adds up what has gathered; loses nothing, whoever writes meanwhile: rows it does not see stay.
CREATE FUNCTION stats.fold() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('stats.fold')) THEN
        RETURN;
    END IF;
    WITH gone AS (DELETE FROM stats.turnover RETURNING *)
    INSERT INTO stats.turnover
    SELECT period, district_id, sector, kind, sum(amount) FROM gone GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0;
    WITH gone AS (DELETE FROM stats.receivable RETURNING *)
    INSERT INTO stats.receivable
    SELECT district_id, sector, due_on, run_id, sum(owed), sum(advance) FROM gone GROUP BY 1, 2, 3, 4
    HAVING sum(owed) <> 0 OR sum(advance) <> 0;
END $$;

-- Counts the sums anew from the ledger: after the tables are first made, or when a house changes its district.
CREATE FUNCTION stats.rebuild() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    -- Writers wait for the moment; readers see the old sums until the end.
    LOCK TABLE ledger.account_total, ledger.open_item IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM stats.turnover;
    DELETE FROM stats.receivable;
    INSERT INTO stats.turnover
    SELECT t.period, a.district_id, t.sector, t.kind, sum(t.amount)
    FROM ledger.account_total t JOIN subscribers.account a ON a.id = t.account_id
    GROUP BY 1, 2, 3, 4;
    INSERT INTO stats.receivable
    SELECT a.district_id, i.sector, i.due_on, CASE i.source WHEN 'run' THEN i.source_id END,
           coalesce(sum(i.amount - i.settled) FILTER (WHERE i.amount > 0), 0),
           -coalesce(sum(i.amount - i.settled) FILTER (WHERE i.amount < 0), 0)
    FROM ledger.open_item i JOIN subscribers.account a ON a.id = i.account_id
    WHERE i.amount <> i.settled
    GROUP BY 1, 2, 3, 4;
END $$;

SELECT stats.rebuild();

-- Readings of a day, whatever month they count for.
CREATE INDEX reading_received ON readings.reading (received_at);

-- A shard of a run writes the rows of neighbouring accounts. Without its bounds every shard read the whole register of accounts, so that
-- a city of ten times as many took more than ten times as long.
CREATE OR REPLACE FUNCTION stats.turnover_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO stats.turnover
        SELECT g.period, a.district_id, g.sector, g.kind, -sum(g.amount)
        FROM gone g JOIN subscribers.account a ON a.id = g.account_id
        WHERE a.id >= (SELECT min(account_id) FROM gone) AND a.id <= (SELECT max(account_id) FROM gone)
        GROUP BY 1, 2, 3, 4;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO stats.turnover
        SELECT w.period, a.district_id, w.sector, w.kind, sum(w.amount)
        FROM written w JOIN subscribers.account a ON a.id = w.account_id
        WHERE a.id >= (SELECT min(account_id) FROM written) AND a.id <= (SELECT max(account_id) FROM written)
        GROUP BY 1, 2, 3, 4;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION stats.receivable_moved() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO stats.receivable
        SELECT a.district_id, g.sector, g.due_on, CASE g.source WHEN 'run' THEN g.source_id END,
               -coalesce(sum(g.amount - g.settled) FILTER (WHERE g.amount > 0), 0),
               coalesce(sum(g.amount - g.settled) FILTER (WHERE g.amount < 0), 0)
        FROM gone g JOIN subscribers.account a ON a.id = g.account_id
        WHERE a.id >= (SELECT min(account_id) FROM gone) AND a.id <= (SELECT max(account_id) FROM gone)
        GROUP BY 1, 2, 3, 4;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO stats.receivable
        SELECT a.district_id, w.sector, w.due_on, CASE w.source WHEN 'run' THEN w.source_id END,
               coalesce(sum(w.amount - w.settled) FILTER (WHERE w.amount > 0), 0),
               -coalesce(sum(w.amount - w.settled) FILTER (WHERE w.amount < 0), 0)
        FROM written w JOIN subscribers.account a ON a.id = w.account_id
        WHERE a.id >= (SELECT min(account_id) FROM written) AND a.id <= (SELECT max(account_id) FROM written)
        GROUP BY 1, 2, 3, 4;
    END IF;
    RETURN NULL;
END $$;

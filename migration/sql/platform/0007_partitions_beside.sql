-- A month's partitions are made beside their tables and attached: whoever writes into other months goes on. CREATE TABLE … PARTITION OF
-- would shut the table until its transaction ends, and with the tables of a payment shut one after another two would wait for each other.
CREATE OR REPLACE FUNCTION platform.ensure_partitions(month date) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    child text;
    upto date := month + interval '1 month';
    key text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('platform.ensure_partitions'));
    FOR parent IN SELECT table_name FROM platform.partitioned ORDER BY 1 LOOP
        child := parent || to_char(month, '_YYYY_MM');
        CONTINUE WHEN to_regclass(child) IS NOT NULL;
        SELECT attname INTO STRICT key FROM pg_partitioned_table p JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
        WHERE p.partrelid = parent::regclass;
        -- Indexes and row triggers come with the attaching; with the check there is nothing to be looked through.
        EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE, '
                       'CONSTRAINT within CHECK (%I IS NOT NULL AND %I >= %L AND %I < %L))', child, parent, key, key, month, key, upto);
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)', parent, child, month, upto);
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT within', child);
    END LOOP;
END $$;

-- What the auditor's reports of a month said when it was closed: read again they say the same, whatever the tables say since.
CREATE TABLE ledger.close_figures (
    period    date NOT NULL,
    sector    text NOT NULL,
    version   int NOT NULL,
    report    text NOT NULL,
    figures   jsonb NOT NULL,
    hash      text NOT NULL,
    frozen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sector, period, report, version)
);
COMMENT ON TABLE ledger.close_figures IS 'Frozen figures of a closed month (зафиксированные показатели): the rows of each report. The newest version counts; older ones are those of a close that was taken back.';
COMMENT ON COLUMN ledger.close_figures.hash IS 'SHA-256 of the figures as text.';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.close_figures
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

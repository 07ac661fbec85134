-- The queue of doubtful readings, and the one that waits at a point.
CREATE INDEX reading_waiting ON readings.reading (point_id, id) WHERE verdict = 'doubtful';
ALTER TABLE readings.reading ADD COLUMN decided_why text;
COMMENT ON COLUMN readings.reading.decided_why IS 'Why a person rejected a doubtful reading, in his own words; the subscriber sees it.';

-- Work that is half way in the books is not stopped: it goes on to its end, killed or not.
ALTER TABLE platform.job ADD COLUMN lasting boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN platform.job.lasting IS 'Nobody may stop it.';

-- A disconnection begins days without service, its reconnection ends them: both acts know which.
ALTER TABLE debt.notice ADD COLUMN cut_off bigint[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN debt.notice.cut_off IS 'Special cases (days without service) that the disconnection began, one of each point with water.';

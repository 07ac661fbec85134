-- Whoever moves out gets a final bill at once; the run of that month leaves the account out.
ALTER TABLE subscribers.account ADD COLUMN final_upto date;
COMMENT ON COLUMN subscribers.account.final_upto IS 'First day that the final bill (окончательный расчёт) did not charge; no run charges the month of the day before.';

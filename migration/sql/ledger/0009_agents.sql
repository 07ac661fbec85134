-- Money that agents took: one ledger account, a sub-account for each agent.
ALTER TABLE ledger.entry ADD COLUMN agent_id bigint;
ALTER TABLE ledger.entry ADD CONSTRAINT entry_agent CHECK ((agent_id IS NOT NULL) = ('agent_clearing' IN (debit, credit)));
COMMENT ON COLUMN ledger.entry.agent_id IS 'Whose clearing sub-account it is (payments.agent); of entries of agent_clearing only.';

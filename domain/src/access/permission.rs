use crate::kernel::codes;

codes! {
    /// A right to an act (право). Permissions are code; which role has which is data.
    Permission {
        /// See addresses, houses, premises and points of supply.
        PremisesRead = "premises_read",
        /// Change them.
        PremisesWrite = "premises_write",
        /// See accounts, their balance and history.
        AccountRead = "account_read",
        /// Open accounts, change them, move people in and out, count residents.
        AccountWrite = "account_write",
        /// See ИИН, phone and e-mail; each look is recorded.
        PersonalDataRead = "personal_data_read",
        /// Destroy the personal data of somebody who has left, on a document.
        PersonErase = "person_erase",
        /// See contracts.
        ContractRead = "contract_read",
        /// Sign and terminate contracts.
        ContractWrite = "contract_write",
        /// See prices, norms, VAT, bands and settings with their sources.
        TariffRead = "tariff_read",
        /// Propose prices, norms, VAT, bands and settings, on a document.
        TariffWrite = "tariff_write",
        /// Confirm or decline a tariff or a setting that somebody else proposed.
        SettingConfirm = "setting_confirm",
        /// See meters.
        MeterRead = "meter_read",
        /// Install, remove, replace and verify meters.
        MeterWrite = "meter_write",
        /// See readings with their verdicts.
        ReadingRead = "reading_read",
        /// Take readings for any account in scope; decide doubtful ones.
        ReadingWrite = "reading_write",
        /// See the uploaded files, their rows and what became of them.
        ImportRead = "import_read",
        /// Upload files and see verdicts per row.
        ImportWrite = "import_write",
        /// Commit a checked file of registers or readings; undo it as a whole.
        ImportCommit = "import_commit",
        /// Commit a file of money.
        ImportMoney = "import_money",
        /// See bills, charges and their explanations.
        BillRead = "bill_read",
        /// Start, preview and reverse a run.
        BillingRun = "billing_run",
        /// Issue the bills of a run.
        BillingIssue = "billing_issue",
        /// See the imbalance of houses, its causes and decisions.
        ImbalanceRead = "imbalance_read",
        /// Reckon it between runs, propose decisions about houses and record their attributes, on a document.
        ImbalanceWrite = "imbalance_write",
        /// Confirm or decline a decision about a house that somebody else proposed.
        ImbalanceConfirm = "imbalance_confirm",
        /// See what-if scenarios and ask for one account at once.
        ScenarioRead = "scenario_read",
        /// Make what-if scenarios, repeat and delete own ones.
        ScenarioWrite = "scenario_write",
        /// Repeat and delete what-if scenarios that somebody else made.
        ScenarioOthers = "scenario_others",
        /// Prepare corrections and post those that one person may.
        CorrectionWrite = "correction_write",
        /// Confirm corrections that somebody else prepared, take posted ones back.
        CorrectionConfirm = "correction_confirm",
        /// See journal entries, trial balance and periods.
        LedgerRead = "ledger_read",
        /// Open, soft-close and close periods.
        PeriodClose = "period_close",
        /// See payments.
        PaymentRead = "payment_read",
        /// Record payments.
        PaymentRecord = "payment_record",
        /// Reverse a payment in an open period, on a document.
        PaymentReverse = "payment_reverse",
        /// See agents, their channels, what comes on them and what somebody has to look at.
        ChannelRead = "channel_read",
        /// Register agents, open channels, change their settings and secrets, switch them.
        ChannelWrite = "channel_write",
        /// Close what somebody had to look at about payments of channels.
        IncidentClose = "incident_close",
        /// See all cash desks: shifts, orders, cash book, receipts.
        CashdeskRead = "cashdesk_read",
        /// Sit at a cash desk: open a shift, take and give back money, count and close.
        CashdeskWork = "cashdesk_work",
        /// Answer for the cash desks: set them up, say who sits where, witness counts, close for others.
        CashdeskOversee = "cashdesk_oversee",
        /// See registries of agents, bank statements, money without an account, refunds.
        ReconcileRead = "reconcile_read",
        /// Bring registries and statements and decide on their rows; work off money without an account, allocate payments anew,
        /// propose to move them and to give money back.
        ReconcileWrite = "reconcile_write",
        /// Confirm refunds that somebody else proposed; set the terms of reconciliation of channels.
        ReconcileConfirm = "reconcile_confirm",
        /// See debts by age, penalty, disputes, notices, instalments, campaigns, claims, written-off sums.
        DebtRead = "debt_read",
        /// Open disputes, warn and disconnect debtors, agree on instalments, record interruptions.
        DebtWrite = "debt_write",
        /// Prepare claims, record what notaries, courts and bailiffs do about them, charge their costs.
        DebtClaim = "debt_claim",
        /// Reckon and post penalty, take it back; record moratoria; propose write-offs and campaigns.
        DebtAccrue = "debt_accrue",
        /// Decide disputes; start campaigns and post write-offs that somebody else proposed; take steps and costs of claims back.
        DebtDecide = "debt_decide",
        /// See registered official documents.
        DocumentRead = "document_read",
        /// Register official documents.
        DocumentWrite = "document_write",
        /// See users, roles, sessions.
        UserRead = "user_read",
        /// Create and change users, their roles and scopes; make tokens of integrations.
        UserWrite = "user_write",
        /// See the audit trail.
        AuditRead = "audit_read",
        /// See background jobs.
        JobRead = "job_read",
        /// Cancel and retry background jobs.
        JobControl = "job_control",
        /// See the pictures of the city: charged, paid, owed by district and sector.
        StatsRead = "stats_read",
        /// Switch operations of the API off and on.
        OperationSwitch = "operation_switch",
        /// See live events of the city and the development outbox.
        EventRead = "event_read",
        /// The subscriber's own door: own accounts, bills, readings.
        OwnAccounts = "own_accounts",
    }
}

//! What became true. Written in the transaction of the change, read by everybody upward and outward.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::kernel::*;

/// One variant per subsystem.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "topic", content = "fact", rename_all = "snake_case")]
pub enum Event {
    Access(AccessEvent),
    Archive(ArchiveEvent),
    Premises(PremisesEvent),
    Subscribers(SubscribersEvent),
    Contracts(ContractsEvent),
    Tariffs(TariffsEvent),
    Meters(MetersEvent),
    Readings(ReadingsEvent),
    Consumption(ConsumptionEvent),
    Imbalance(ImbalanceEvent),
    Ledger(LedgerEvent),
    Billing(BillingEvent),
    Payments(PaymentsEvent),
    Cashdesk(CashdeskEvent),
    Debt(DebtEvent),
    Amendments(AmendmentsEvent),
    Imports(ImportsEvent),
    Jobs(JobsEvent),
}

/// Declares the facts of one subsystem and its way into [`Event`].
macro_rules! events {
    ($($(#[$doc:meta])* $topic:ident: $name:ident { $($(#[$vdoc:meta])* $variant:ident { $($field:ident: $ty:ty),* $(,)? }),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
            #[serde(tag = "type", rename_all = "snake_case")]
            pub enum $name { $($(#[$vdoc])* $variant { $($field: $ty),* }),* }

            impl From<$name> for Event {
                fn from(fact: $name) -> Self { Event::$topic(fact) }
            }
        )*

        /// The subsystem that an event belongs to; also the epoch that cached pictures depend on.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Topic { $($topic),* }

        impl Topic {
            pub const ALL: &'static [Topic] = &[$(Topic::$topic),*];
        }

        impl Event {
            pub fn topic(&self) -> Topic {
                match self { $(Event::$topic(_) => Topic::$topic),* }
            }
        }
    };
}

events! {
    /// People of the staff, their sessions and rights.
    Access: AccessEvent {
        UserChanged { user: UserId },
        SessionOpened { session: uuid::Uuid },
        SessionRevoked { session: uuid::Uuid },
        ClientChanged { client: ClientId },
        RoleChanged { change: i64 },
        /// A second signature was asked for, given, refused or not wanted any more.
        SignatureChanged { signature: SignatureId },
        CodeSent { account: AccountId },
        OperationSwitched { on: bool },
    }
    /// Official documents.
    Archive: ArchiveEvent {
        DocumentRegistered { document: DocumentId },
        FileAttached { document: DocumentId },
    }
    /// Addresses, houses and points of supply.
    Premises: PremisesEvent {
        Changed { building: BuildingId },
        Loaded { rows: i64 },
    }
    /// Accounts and people.
    Subscribers: SubscribersEvent {
        AccountOpened { account: AccountId },
        AccountChanged { account: AccountId },
        MovedIn { account: AccountId },
        MovedOut { account: AccountId },
        ResidentsChanged { account: AccountId },
        PersonErased { person: PartyId },
        /// A death was registered.
        PersonDied { person: PartyId },
        /// An account went over to an estate or to heirs with all that is owed.
        Succeeded { account: AccountId },
        OwnersChanged { account: AccountId },
        Loaded { rows: i64 },
    }
    /// Contracts.
    Contracts: ContractsEvent {
        Signed { contract: ContractId },
        Terminated { contract: ContractId },
        VolumeAgreed { contract: ContractId, point: PointId },
        LimitSet { contract: ContractId },
        Loaded { rows: i64 },
    }
    /// Prices, norms, VAT, methods.
    Tariffs: TariffsEvent {
        TariffProposed { tariff: TariffId },
        /// Confirmed by a second person: from now on it decides money on its days.
        TariffRecorded { tariff: TariffId },
        TariffDeclined { tariff: TariffId },
        SettingProposed { setting: SettingId },
        SettingConfirmed { setting: SettingId },
        SettingDeclined { setting: SettingId },
        Loaded { rows: i64 },
    }
    /// Meters.
    Meters: MetersEvent {
        Installed { meter: MeterId, point: PointId },
        Removed { meter: MeterId, point: PointId },
        Verified { meter: MeterId },
        Loaded { rows: i64 },
    }
    /// Readings, each with its verdict.
    Readings: ReadingsEvent {
        Taken { reading: ReadingId, account: AccountId, verdict: String },
        Withdrawn { reading: ReadingId, account: AccountId },
        Loaded { rows: i64 },
    }
    /// What decides a volume besides meters and norms.
    Consumption: ConsumptionEvent {
        /// Recorded, ended or taken back.
        SpecialRecorded { special: SpecialId, account: AccountId },
        PlotSet { point: PointId, account: AccountId },
        SupplySet { point: PointId, account: AccountId },
        BulkBillingSet { building: BuildingId },
        SharingSet { point: PointId, account: AccountId },
    }
    /// Differences of houses and what is decided about them.
    Imbalance: ImbalanceEvent {
        Reckoned { reckoning: ReckoningId },
        DecisionProposed { decision: ImbalanceDecisionId, building: BuildingId },
        /// Confirmed by a second person: from now on it decides the month.
        DecisionConfirmed { decision: ImbalanceDecisionId, building: BuildingId },
        DecisionDeclined { decision: ImbalanceDecisionId, building: BuildingId },
        HouseChanged { building: BuildingId },
    }
    /// Periods and postings.
    Ledger: LedgerEvent {
        PeriodOpened { period: Period, sector: Sector },
        PeriodSoftClosed { period: Period, sector: Sector },
        PeriodReopened { period: Period, sector: Sector },
        ReopeningRequested { period: Period, sector: Sector },
        PeriodFiled { period: Period, sector: Sector },
        /// A day off or a working one of the calendar.
        CalendarSet { day: NaiveDate },
        CutOffSet { period: Period, sector: Sector },
        PeriodClosed { period: Period, sector: Sector },
        Posted { period: Period },
    }
    /// Runs and bills: one fact per run, never one per account.
    Billing: BillingEvent {
        RunStarted { run: RunId },
        RunAdvanced { run: RunId, done: i64, total: i64 },
        RunPosted { run: RunId },
        RunIssued { run: RunId },
        RunReversed { run: RunId },
        CorrectionAdvanced { correction: CorrectionId, done: i64, total: i64 },
        CorrectionPreviewed { correction: CorrectionId },
        CorrectionPosted { correction: CorrectionId },
        CorrectionReversed { correction: CorrectionId },
        PaidServiceChanged { service: PaidServiceId },
        OneOffCharged { charge: OneOffId, account: AccountId },
        OneOffReversed { charge: OneOffId, account: AccountId },
        /// Accounts are proposed to be divided or joined, or were, or were not.
        DivisionChanged { division: DivisionId },
    }
    /// Money in.
    Payments: PaymentsEvent {
        Recorded { payment: PaymentId, account: AccountId, amount: Money },
        Reversed { payment: PaymentId, account: AccountId, amount: Money },
        Loaded { rows: i64 },
        TransferChanged { transfer: TransferId },
        AgentChanged { agent: AgentId },
        /// Its settings, or whether it is open.
        ChannelChanged { channel: ChannelId },
        /// A link to pay on was made, or something became of it.
        LinkChanged { link: PaymentLinkId, account: AccountId },
        /// Something to look at, or what was decided about it.
        IncidentChanged { incident: IncidentId },
        /// A payment covers other debts than before.
        Reallocated { payment: PaymentId, account: AccountId },
        /// Money was tied to debts, or untied.
        EarmarkChanged { earmark: EarmarkId, account: AccountId },
        RefundChanged { refund: RefundId, account: AccountId },
        /// Money without an account came, or was worked off.
        SuspenseChanged { rows: i64 },
        RegistryTaken { registry: RegistryId },
        RegistryMatched { registry: RegistryId },
        RegistryDecided { registry: RegistryId, rows: i64 },
        StatementTaken { statement: StatementId },
        StatementMatched { statement: StatementId },
        StatementDecided { statement: StatementId, rows: i64 },
        TermsChanged { channel: ChannelId },
        /// No registry by the hour, or somebody has seen it.
        RegistryLate { channel: ChannelId },
    }
    /// Cash desks: shifts and what moved in them; single payments are told by `payments`.
    Cashdesk: CashdeskEvent {
        DeskChanged { desk: DeskId },
        ShiftOpened { shift: ShiftId, desk: DeskId },
        /// Money moved, or was counted.
        Moved { shift: ShiftId, desk: DeskId },
        ShiftClosed { shift: ShiftId, desk: DeskId },
        /// A fiscal document went on.
        ReceiptChanged { receipt: FiscalReceiptId, desk: DeskId },
    }
    /// Collection: penalty, disputes, notices, instalments, campaigns, write-offs, claims.
    Debt: DebtEvent {
        PenaltyAdvanced { accrual: AccrualId, done: i64, total: i64 },
        PenaltyPosted { accrual: AccrualId },
        PenaltyReversed { accrual: AccrualId },
        MoratoriumChanged { moratorium: MoratoriumId },
        DisputeChanged { dispute: DisputeId, account: AccountId },
        LimitationInterrupted { account: AccountId },
        WriteOffChanged { write_off: WriteOffId },
        Revived { account: AccountId },
        Noticed { rows: i64 },
        NoticeChanged { notice: NoticeId, account: AccountId },
        PlanChanged { plan: PlanId, account: AccountId },
        CampaignChanged { campaign: CampaignId },
        /// Prepared, moved on, or a cost of it charged or taken back.
        ClaimChanged { claim: ClaimId, account: AccountId },
        CertificateIssued { certificate: CertificateId, account: AccountId },
    }
    /// Facts of an open month removed or changed.
    Amendments: AmendmentsEvent {
        Previewed { amendment: AmendmentId },
        Applied { amendment: AmendmentId },
        Reversed { amendment: AmendmentId },
    }
    /// Files taken in.
    Imports: ImportsEvent {
        Uploaded { batch: ImportBatchId },
        Checked { batch: ImportBatchId },
        Advanced { batch: ImportBatchId, done: i64, total: i64 },
        Committed { batch: ImportBatchId },
        Undone { batch: ImportBatchId },
    }
    /// Background work.
    Jobs: JobsEvent {
        Queued { job: JobId },
        Advanced { job: JobId, done: i64, total: i64 },
        Finished { job: JobId },
        Failed { job: JobId },
        Cancelled { job: JobId },
    }
}

impl Topic {
    /// The subsystem's word, as in paths, schemas and cache keys.
    pub fn word(self) -> &'static str {
        match self {
            Topic::Access => "access",
            Topic::Archive => "archive",
            Topic::Premises => "premises",
            Topic::Subscribers => "subscribers",
            Topic::Contracts => "contracts",
            Topic::Tariffs => "tariffs",
            Topic::Meters => "meters",
            Topic::Readings => "readings",
            Topic::Consumption => "consumption",
            Topic::Imbalance => "imbalance",
            Topic::Ledger => "ledger",
            Topic::Billing => "billing",
            Topic::Payments => "payments",
            Topic::Cashdesk => "cashdesk",
            Topic::Debt => "debt",
            Topic::Amendments => "amendments",
            Topic::Imports => "imports",
            Topic::Jobs => "jobs",
        }
    }
}

impl Event {
    /// `billing.run_posted`: what consumers subscribe to and logs show.
    pub fn name(&self) -> String {
        let value = serde_json::to_value(self).expect("events are plain data");
        format!("{}.{}", self.topic().word(), value["fact"]["type"].as_str().unwrap_or("?"))
    }

    /// The account that the fact is about, for streams filtered by the listener's own scope.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Event::Access(AccessEvent::CodeSent { account })
            | Event::Subscribers(
                SubscribersEvent::AccountOpened { account }
                | SubscribersEvent::AccountChanged { account }
                | SubscribersEvent::MovedIn { account }
                | SubscribersEvent::MovedOut { account }
                | SubscribersEvent::ResidentsChanged { account },
            )
            | Event::Readings(
                ReadingsEvent::Taken { account, .. } | ReadingsEvent::Withdrawn { account, .. },
            )
            | Event::Consumption(
                ConsumptionEvent::SpecialRecorded { account, .. }
                | ConsumptionEvent::PlotSet { account, .. }
                | ConsumptionEvent::SupplySet { account, .. },
            )
            | Event::Payments(
                PaymentsEvent::Recorded { account, .. }
                | PaymentsEvent::Reversed { account, .. }
                | PaymentsEvent::LinkChanged { account, .. }
                | PaymentsEvent::Reallocated { account, .. }
                | PaymentsEvent::EarmarkChanged { account, .. }
                | PaymentsEvent::RefundChanged { account, .. },
            )
            | Event::Debt(
                DebtEvent::DisputeChanged { account, .. }
                | DebtEvent::LimitationInterrupted { account }
                | DebtEvent::Revived { account }
                | DebtEvent::NoticeChanged { account, .. }
                | DebtEvent::PlanChanged { account, .. }
                | DebtEvent::ClaimChanged { account, .. },
            ) => Some(*account),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_derived() {
        let event: Event = BillingEvent::RunPosted { run: RunId(7) }.into();
        assert_eq!(event.name(), "billing.run_posted");
        let back: Event = serde_json::from_value(serde_json::to_value(&event).unwrap()).unwrap();
        assert_eq!(back, event);
    }
}

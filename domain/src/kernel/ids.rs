//! Typed row ids: an account can never be passed where a premise is meant.

/// Declares a newtype over `i64` with the conversions sea-orm needs under the `orm` feature.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "orm", derive(sea_orm::DeriveValueType))]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }
        impl From<i64> for $name {
            fn from(id: i64) -> Self { Self(id) }
        }
        impl From<$name> for i64 {
            fn from(id: $name) -> i64 { id.0 }
        }
    )*};
}

ids! {
    /// A member of the staff (сотрудник).
    UserId,
    /// An outside program with a scoped token (интеграция).
    ClientId,
    /// A registered official document (официальный документ).
    DocumentId,
    /// A request for a second signature (запрос второй подписи).
    SignatureId,
    /// A district of the city (район).
    DistrictId,
    /// A street (улица).
    StreetId,
    /// A building (дом).
    BuildingId,
    /// A flat, private house or object of a legal entity (помещение).
    PremiseId,
    /// A point of supply: one water inlet of a premise or building (точка подключения).
    PointId,
    /// A person or an organisation (лицо).
    PartyId,
    /// A subscriber account (лицевой счёт).
    AccountId,
    /// A dated count of registered residents (проживающие).
    ResidencyId,
    /// A special case of a volume, on a document (особый случай).
    SpecialId,
    /// A dated area of a watered plot (площадь полива).
    PlotId,
    /// A contract (договор).
    ContractId,
    /// A dated limit of consumption of a contract (лимит договора).
    LimitId,
    /// A dated version of a price, norm, VAT rate or band (версия тарифа).
    TariffId,
    /// A dated setting that decides money (настройка).
    SettingId,
    /// A meter model (модель прибора).
    MeterModelId,
    /// A meter (прибор учёта).
    MeterId,
    /// A meter's stay at a point of supply (установка).
    InstallationId,
    /// A meter reading (показание).
    ReadingId,
    /// One billing run (расчёт).
    RunId,
    /// A preview of a run (предварительный расчёт).
    RunPreviewId,
    /// A question of what a month would come to under other tariffs (сценарий).
    ScenarioId,
    /// A correction of what was billed (перерасчёт).
    CorrectionId,
    /// A line of the price list of paid services (расценка платной услуги).
    PaidServiceId,
    /// A one-off charge (разовое начисление).
    OneOffId,
    /// A batch of amendments: facts of an open month removed or changed (правка).
    AmendmentId,
    /// A reckoning of the imbalance of houses (расчёт небаланса).
    ReckoningId,
    /// A decision about the imbalance of a house and month (решение по небалансу).
    ImbalanceDecisionId,
    /// A bill (счёт, квитанция).
    BillId,
    /// A charge line of a bill (строка начисления).
    ChargeLineId,
    /// A journal entry (проводка).
    EntryId,
    /// An open item of receivables (открытая позиция).
    OpenItemId,
    /// A payment (платёж).
    PaymentId,
    /// Who takes money for the utility (платёжный агент).
    AgentId,
    /// A way on which an agent's program talks to us (канал приёма платежей).
    ChannelId,
    /// What somebody has to look at about payments (происшествие).
    IncidentId,
    /// A link to pay on (ссылка на оплату).
    PaymentLinkId,
    /// A request of a channel (запрос канала).
    ChannelRequestId,
    /// An accrual of penalty (начисление пени).
    AccrualId,
    /// A disputed sum (спор).
    DisputeId,
    /// A moratorium on penalty (мораторий).
    MoratoriumId,
    /// An order of write-off (приказ о списании).
    WriteOffId,
    /// A transfer of balances between accounts (перенос сальдо).
    TransferId,
    /// Debts that money is tied to: of a judgement, a bailiff, an agreement (целевое назначение).
    EarmarkId,
    /// An allocation of a payment anew (повторное разнесение).
    ReallocationId,
    /// Money given back to who paid it (возврат).
    RefundId,
    /// Money whose account is not known (невыясненный платёж).
    SuspenseId,
    /// An agent's registry of a day (реестр агента).
    RegistryId,
    /// A bank statement (банковская выписка).
    StatementId,
    /// An account that is divided, or accounts that are joined (раздел или объединение счетов).
    DivisionId,
    /// A notice of disconnection (уведомление об отключении).
    NoticeId,
    /// An instalment plan (рассрочка).
    PlanId,
    /// A campaign (акция).
    CampaignId,
    /// A claim of a debt (взыскание).
    ClaimId,
    /// A cost of a claim (издержки взыскания).
    ClaimCostId,
    /// A certificate of no debt (справка об отсутствии задолженности).
    CertificateId,
    /// A cash desk (касса).
    DeskId,
    /// A shift of a cash desk (кассовая смена).
    ShiftId,
    /// What was done at a cash desk (кассовая операция).
    CashOperationId,
    /// Money counted (пересчёт).
    CashCountId,
    /// A cash order (кассовый ордер).
    CashOrderId,
    /// A banknote or coin (денежный знак).
    DenominationId,
    /// A fiscal document (фискальный документ).
    FiscalReceiptId,
    /// An import batch (загрузка).
    ImportBatchId,
    /// A background job (задание).
    JobId,
    /// A file that a job made (файл).
    FileId,
}

use async_graphql::{Context, InputObject, Object, OneofObject};
use domain::access::{Permission, Scope};
use domain::billing::ScenarioStatus;
use domain::kernel::*;
use domain::ledger::CloseReportCode;
use domain::readings::Verdict;
use domain::subscribers::AccountStatus;
use entities::amendments::batch;
use entities::billing::{correction, scenario};
use entities::kernel::{Change, Tx, jobs};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use super::jobs::{Args, EXPORT};
use crate::app::App;
use crate::payload;
use crate::payments::reconcile::RegistryRowFilter;
use crate::payments::suspense::SuspenseFilter;
use crate::platform::export::ExportFormat;
use crate::platform::files;
use crate::platform::graphql::*;
use crate::platform::jobs::Behalf;
use crate::platform::jobs::graph::Job;
use crate::platform::messages::Language;
use crate::platform::{Outcome, Refusal};
use crate::refuse;

/// Filters of the list of accounts (лицевые счета).
#[derive(Debug, Clone, Default, InputObject, Serialize, Deserialize)]
pub struct AccountsExport {
    /// Number, name or address; a whole ИИН, БИН or phone with the right to personal data.
    pub search: Option<String>,
    /// Only of this sector (сектор).
    pub sector: Option<Sector>,
    /// Only of this district (район).
    pub district: Option<Gid<DistrictId>>,
    /// Only in this state (состояние).
    pub status: Option<AccountStatus>,
    /// Only those who owe something (должники).
    pub debtors_only: Option<bool>,
    /// Only those who have paid something ahead (переплаты).
    pub credit_only: Option<bool>,
    /// Only those that the utility's own people hold (сотрудники).
    pub staff_only: Option<bool>,
}

/// Filters of the bills of a month (счета).
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
pub struct BillsExport {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
    /// Only of this district (район).
    pub district: Option<Gid<DistrictId>>,
}

/// Filters of the list of payments (платежи).
#[derive(Debug, Clone, Default, InputObject, Serialize, Deserialize)]
pub struct PaymentsExport {
    /// Only posted in this month (период).
    pub period: Option<Period>,
    /// Only of this sector (сектор).
    pub sector: Option<Sector>,
    /// Only of this channel (канал).
    pub channel: Option<String>,
}

/// Filters of the list of readings (показания).
#[derive(Debug, Clone, Default, InputObject, Serialize, Deserialize)]
pub struct ReadingsExport {
    /// Only of this month (период).
    pub period: Option<Period>,
    /// Only of this sector (сектор).
    pub sector: Option<Sector>,
    /// Only with this verdict (вердикт).
    pub verdict: Option<Verdict>,
}

/// The scenario whose differences are written out (сценарий).
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
pub struct ScenarioExport {
    /// A scenario that keeps the difference of each account.
    pub scenario: Gid<ScenarioId>,
}

/// The report that is written out (отчёт закрытия).
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
pub struct CloseReportExport {
    /// Which one (отчёт).
    pub report: CloseReportCode,
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
}

/// Filters of the list of houses (небаланс домов).
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
pub struct HousesExport {
    /// Month (период).
    pub period: Period,
    /// Only in this state (состояние).
    pub state: Option<domain::imbalance::HouseState>,
    /// Only of this district (район).
    pub district: Option<Gid<DistrictId>>,
    /// Words of the address (адрес).
    pub search: Option<String>,
}

/// Filters of the audit trail (журнал изменений).
#[derive(Debug, Clone, Default, InputObject, Serialize, Deserialize)]
pub struct AuditExport {
    /// Kind of thing (объект).
    pub entity: Option<String>,
    /// Login, account number or name of the program (кто).
    pub actor: Option<String>,
    /// What was done (действие).
    pub action: Option<String>,
    /// From this day, in Almaty (с).
    pub from: Option<chrono::NaiveDate>,
    /// To this day, included (по).
    pub to: Option<chrono::NaiveDate>,
}

/// Filters of the list of debtors (должники).
#[derive(Debug, Clone, Default, InputObject, Serialize, Deserialize)]
pub struct DebtorsExport {
    /// Only of this sector (сектор).
    pub sector: Option<Sector>,
    /// Only of this district (район).
    pub district: Option<Gid<DistrictId>>,
    /// Only what is of this age (срок).
    pub bucket: Option<domain::debt::AgeBucket>,
    /// Only from this sum on (от суммы).
    pub least: Option<Money>,
}

/// Filters of the list of claims (взыскания).
#[derive(Debug, Clone, Default, InputObject, Serialize, Deserialize)]
pub struct ClaimsExport {
    /// Only of this kind (порядок).
    pub kind: Option<domain::debt::ClaimKind>,
    /// Only in this state (состояние).
    pub state: Option<domain::debt::ClaimState>,
    /// Only those that are not over (незавершённые).
    pub live: Option<bool>,
    /// Only of this sector (сектор).
    pub sector: Option<Sector>,
}

/// Filters of the list of warnings of disconnection (уведомления об отключении).
#[derive(Debug, Clone, Default, InputObject, Serialize, Deserialize)]
pub struct NoticesExport {
    /// Only in this state (состояние).
    pub state: Option<domain::debt::NoticeState>,
    /// Only those whose deadline is over (срок истёк).
    pub due: Option<bool>,
    /// Only of this sector (сектор).
    pub sector: Option<Sector>,
    /// Only of this district (район).
    pub district: Option<Gid<DistrictId>>,
}

/// Filters of the list of instalment plans (рассрочки).
#[derive(Debug, Clone, Default, InputObject, Serialize, Deserialize)]
pub struct PlansExport {
    /// Only in this state (состояние).
    pub state: Option<domain::debt::PlanState>,
}

/// Filters of the list of debts whose time of limitation runs out (истекающая исковая давность).
#[derive(Debug, Clone, Default, InputObject, Serialize, Deserialize)]
pub struct ExpiringDebtsExport {
    /// Within so many days; 90 by default (в течение дней).
    #[graphql(validator(minimum = 0, maximum = 1100))]
    pub within: Option<i32>,
    /// Only of this sector (сектор).
    pub sector: Option<Sector>,
}

/// Which accounts of a correction (счета исправления).
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
pub struct CorrectionExport {
    /// Node id of the batch (исправление).
    pub correction: Gid<CorrectionId>,
    /// Only those with this outcome (итог).
    pub outcome: Option<domain::billing::CorrectionOutcome>,
}

/// Which rows of an amendment (строки правки).
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
pub struct AmendmentExport {
    /// Node id of the batch (правка).
    pub amendment: Gid<AmendmentId>,
    /// Only those with this outcome (итог).
    pub outcome: Option<domain::amendments::AmendmentOutcome>,
}

/// What a shared-bill centre prints for us (начисления для ЕРЦ): our published format, whatever the language of the request.
#[derive(Debug, Clone, InputObject, Serialize, Deserialize)]
pub struct SharedBillExport {
    /// Month (период).
    pub period: Period,
    /// Sector (сектор).
    pub sector: Sector,
}

/// Which list to write out, with its filters (список).
#[derive(Debug, Clone, OneofObject, Serialize, Deserialize)]
pub enum ExportList {
    /// Accounts with holder, address and balance (лицевые счета).
    Accounts(AccountsExport),
    /// Bills of a month (счета).
    Bills(BillsExport),
    /// Payments (платежи).
    Payments(PaymentsExport),
    /// Accounts that owe, largest sums first (должники).
    Debtors(DebtorsExport),
    /// Claims with what was paid of them, newest first (взыскания).
    Claims(ClaimsExport),
    /// Warnings of disconnection and what became of them, with holder and address (уведомления об отключении).
    Notices(NoticesExport),
    /// Instalment plans with what was paid of them, newest first (рассрочки).
    Plans(PlansExport),
    /// Debts whose time of limitation runs out or has, oldest first (истекающая исковая давность).
    ExpiringDebts(ExpiringDebtsExport),
    /// Readings with their verdicts (показания).
    Readings(ReadingsExport),
    /// Accounts that a scenario makes pay more or less, with both sums (разница по счетам сценария).
    Scenario(ScenarioExport),
    /// Accounts of a correction with what was, what becomes and what becomes of them, the largest change first (счета исправления).
    Correction(CorrectionExport),
    /// Rows of an amendment with what was, what becomes and why some stay (строки правки фактов).
    Amendment(AmendmentExport),
    /// One of the auditor's reports on a month (отчёт закрытия).
    CloseReport(CloseReportExport),
    /// Houses of a month with their imbalance (небаланс домов).
    Houses(HousesExport),
    /// The audit trail; what it says about people stays sealed (журнал изменений).
    Audit(AuditExport),
    /// Rows of registries and how they stand to our journal (строки реестров).
    RegistryRows(RegistryRowFilter),
    /// Money whose account is not known (невыясненные платежи).
    Suspense(SuspenseFilter),
    /// What each account and service owes, for the shared-bill centre (начисления для ЕРЦ).
    SharedBill(SharedBillExport),
}

impl ExportList {
    fn word(&self) -> &'static str {
        match self {
            Self::Accounts(_) => "accounts",
            Self::Bills(_) => "bills",
            Self::Payments(_) => "payments",
            Self::Debtors(_) => "debtors",
            Self::Claims(_) => "claims",
            Self::Notices(_) => "notices",
            Self::Plans(_) => "plans",
            Self::ExpiringDebts(_) => "expiring-debts",
            Self::Readings(_) => "readings",
            Self::Scenario(_) => "scenario",
            Self::Correction(_) => "correction",
            Self::Amendment(_) => "amendment",
            Self::CloseReport(_) => "report",
            Self::Houses(_) => "houses",
            Self::Audit(_) => "audit",
            Self::RegistryRows(_) => "registry",
            Self::Suspense(_) => "suspense",
            Self::SharedBill(_) => "shared-bill",
        }
    }

    /// The rights that the list itself wants, all of them.
    fn rights(&self) -> &'static [Permission] {
        match self {
            Self::Accounts(_) => &[Permission::AccountRead],
            Self::Bills(_) => &[Permission::BillRead],
            Self::Payments(_) => &[Permission::PaymentRead],
            Self::Debtors(_)
            | Self::Claims(_)
            | Self::Notices(_)
            | Self::Plans(_)
            | Self::ExpiringDebts(_) => &[Permission::DebtRead],
            Self::Readings(_) => &[Permission::ReadingRead],
            Self::Scenario(_) => &[Permission::ScenarioRead],
            Self::Correction(_) | Self::Amendment(_) => &[Permission::BillRead, Permission::AccountRead],
            Self::CloseReport(_) => &[Permission::LedgerRead],
            Self::Houses(_) => &[Permission::ImbalanceRead],
            Self::Audit(_) => &[Permission::AuditRead],
            Self::RegistryRows(_) | Self::Suspense(_) => &[Permission::ReconcileRead],
            Self::SharedBill(_) => &[Permission::LedgerRead],
        }
    }
}

/// What to write out.
#[derive(InputObject)]
pub struct ExportStartInput {
    /// Which list (список).
    pub list: ExportList,
    /// As what (формат).
    pub format: ExportFormat,
}

payload! {
    /// What became of a wish for an export (итог запроса выгрузки).
    ExportPayload {
        /// The work in the background: watch it by `jobProgress`, fetch its `file` at the end (задание).
        job: Job
    }
}

#[derive(Default)]
pub struct ExportsMutation;

#[Object]
impl ExportsMutation {
    /// Writes all rows of a list into a table, with the list's own filters, rights and rows; headers in the language of the
    /// request (выгрузка списка).
    #[graphql(
        guard = "can_any([Permission::AccountRead, Permission::BillRead, Permission::PaymentRead, Permission::DebtRead, Permission::ReadingRead, Permission::ScenarioRead, Permission::LedgerRead, Permission::ImbalanceRead, Permission::AuditRead, Permission::ReconcileRead])"
    )]
    async fn export_start(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What to write out.")] input: ExportStartInput,
    ) -> Result<ExportPayload> {
        if !input.list.rights().iter().all(|right| cx.may(*right)) {
            return Err(ApiError::new(Code::Forbidden));
        }
        let (app, language) = (cx.app().clone(), cx.language());
        let done = cx.write(move |tx| async move { start(tx, &app, input, language).await }.boxed()).await?;
        Ok(ExportPayload::of(done, language))
    }
}

async fn start(
    tx: &mut Tx,
    app: &App,
    input: ExportStartInput,
    language: Language,
) -> Outcome<entities::kernel::jobs::Job> {
    let ExportStartInput { mut list, format } = input;
    if let ExportList::CloseReport(filter) = &list
        && !tx.scope().has_sector(filter.sector)
    {
        refuse!("NO_SUCH_PERIOD");
    }
    if matches!(list, ExportList::RegistryRows(_) | ExportList::Suspense(_)) && *tx.scope() != Scope::City {
        refuse!("FORBIDDEN");
    }
    if let ExportList::Scenario(filter) = &list {
        let Some(row) = scenario::find(tx, tx.scope(), filter.scenario.0).await? else {
            refuse!("SCENARIO_NOT_FOUND")
        };
        if row.status() != ScenarioStatus::Done || !row.keeps_accounts {
            refuse!("SCENARIO_KEEPS_NOTHING");
        }
    }
    let unseen = match &list {
        ExportList::Correction(filter) => {
            correction::visible_to(tx, tx.scope(), filter.correction.0).await?.is_none()
        }
        ExportList::Amendment(filter) => {
            batch::visible_to(tx, tx.scope(), filter.amendment.0).await?.is_none()
        }
        _ => false,
    };
    if unseen {
        refuse!("NOT_FOUND");
    }
    // What was searched for may be a person's number: it waits in the queue sealed.
    let search = match &mut list {
        ExportList::Accounts(filter) => filter.search.take().map(|text| app.vault.seal(&text)),
        _ => None,
    };
    let said = serde_json::json!({ "list": list, "format": format, "searched": search.is_some() });
    let name = format!("{}-{}.{}", list.word(), app.clock.today(), format.extension());
    let args = Args { behalf: Behalf::of(tx.actor()), list, search, format, language };
    let job = jobs::enqueue(tx, EXPORT, &args, None).await?;
    files::reserve(tx, job, &name, format.content_type(), app.clock.now()).await?;
    tx.audit(Change::new("export", job, "started").after(said));
    let Some(row) = jobs::find(tx, job.0).await? else { refuse!(Refusal::new("CONFLICT")) };
    Ok(Ok(row))
}

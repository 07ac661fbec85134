use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::ledger::{self, LedgerAccount, PeriodStatus};
use entities::ledger::item::Item;
use entities::ledger::period::PeriodRow;
use entities::ledger::{as_of, calendar, close, cut_off, reopening, report, water};
use entities::subscribers::{account, owner};

use super::ops;
use crate::billing::types::Run;
use crate::platform::graphql::*;
use crate::platform::messages;
use crate::subscribers::types::{Party, party};
use crate::wiring::account::Account;

/// A sum still owed, or an advance when negative (открытая позиция).
pub struct OpenItem(pub Item);

/// A sum still owed, or an advance when negative (открытая позиция).
#[Object]
impl OpenItem {
    /// Node id.
    async fn id(&self) -> Gid<OpenItemId> {
        Gid(OpenItemId(self.0.id))
    }

    /// What for; null for an advance (услуга).
    async fn service(&self) -> Option<Service> {
        Service::from_code(self.0.service.as_deref()?)
    }

    /// Charge, penalty…; null for an advance (составляющая).
    async fn component(&self) -> Option<Component> {
        Component::from_code(&self.0.component)
    }

    /// Month it comes from (месяц возникновения).
    async fn origin(&self) -> Period {
        Period::of(self.0.origin)
    }

    /// Last day to pay without delay (срок).
    async fn due_on(&self) -> Date {
        self.0.due_on.into()
    }

    /// The whole sum (сумма).
    async fn amount(&self) -> Money {
        Money::from_tiyn(self.0.amount)
    }

    /// Settled so far (погашено).
    async fn settled(&self) -> Money {
        Money::from_tiyn(self.0.settled)
    }

    /// What is left (остаток).
    async fn rest(&self) -> Money {
        Money::from_tiyn(self.0.amount - self.0.settled)
    }
}

/// What an account owed on a day, as known at a moment (сальдо на дату).
#[derive(SimpleObject)]
pub struct BalanceAsOf {
    /// The day it was so (на дату).
    pub valid_on: Date,
    /// Up to when recorded facts count (по состоянию знаний на).
    pub known_at: DateTime<Utc>,
    /// Positive when the subscriber owed (сальдо).
    pub balance: Money,
    /// By service and component; what was paid ahead has neither (по услугам и составляющим).
    pub parts: Vec<BalancePart>,
}

/// A part of a balance (часть сальдо).
#[derive(SimpleObject)]
pub struct BalancePart {
    /// Service; none for what was paid ahead (услуга).
    pub service: Option<Service>,
    /// Component; none for what was paid ahead (составляющая).
    pub component: Option<Component>,
    /// Positive is owed (сумма).
    pub amount: Money,
}

impl BalanceAsOf {
    pub fn of(valid_on: Date, known_at: DateTime<Utc>, parts: Vec<as_of::Part>) -> Self {
        let part = |part: as_of::Part| BalancePart {
            service: part.service.as_deref().and_then(Service::from_code),
            component: part.component.as_deref().and_then(Component::from_code),
            amount: Money::from_tiyn(part.amount),
        };
        let parts: Vec<BalancePart> = parts.into_iter().map(part).collect();
        Self { valid_on, known_at, balance: parts.iter().map(|part| part.amount).sum(), parts }
    }
}

/// A billing month of a sector with its cockpit (расчётный период сектора).
pub struct LedgerPeriod(pub PeriodRow);

impl From<PeriodRow> for LedgerPeriod {
    fn from(row: PeriodRow) -> Self {
        Self(row)
    }
}

impl LedgerPeriod {
    /// A month of a sector as the number in its node id, 2026033: it has no row number of its own.
    pub fn row(period: Period, sector: Sector) -> i64 {
        let place = Sector::ALL.iter().position(|one| *one == sector).unwrap_or_default();
        (i64::from(period.year()) * 100 + i64::from(period.month())) * 10 + place as i64
    }

    pub fn of_row(row: i64) -> Option<(Period, Sector)> {
        let sector = Sector::ALL.get(usize::try_from(row % 10).ok()?)?;
        let (year, month) = (i32::try_from(row / 1000).ok()?, u32::try_from(row / 10 % 100).ok()?);
        Some((Period::new(year, month)?, *sector))
    }

    async fn turnover(&self, cx: &Context<'_>) -> Result<close::Turnover> {
        Ok(close::turnover(cx.db(), self.0.period, self.0.sector()).await?)
    }
}

/// A billing month of a sector with its cockpit (расчётный период сектора).
#[Object]
impl LedgerPeriod {
    /// Opaque id.
    pub async fn id(&self) -> ID {
        ID(id::encode("LedgerPeriod", Self::row(self.0.period(), self.0.sector())))
    }

    /// Month (период).
    async fn period(&self) -> Period {
        self.0.period()
    }

    /// Sector (сектор).
    async fn sector(&self) -> Sector {
        self.0.sector()
    }

    /// Open, soft-closed or closed (состояние).
    async fn status(&self) -> PeriodStatus {
        self.0.status()
    }

    /// When it was opened (открыт).
    async fn opened_at(&self) -> DateTime<Utc> {
        self.0.opened_at
    }

    /// When it was closed (закрыт).
    async fn closed_at(&self) -> Option<DateTime<Utc>> {
        self.0.closed_at
    }

    /// Whether it was closed and opened again by two people (вскрыт после закрытия).
    async fn reopened(&self) -> bool {
        reopening::is_reopened(&self.0)
    }

    /// When its declaration was handed in: from then on it is never opened again (отчётность сдана).
    #[graphql(complexity = 5)]
    async fn filed_at(&self, cx: &Context<'_>) -> Result<Option<DateTime<Utc>>> {
        let filing = reopening::filing(cx.db(), self.0.period(), self.0.sector()).await?;
        Ok(filing.map(|filing| filing.filed_at))
    }

    /// VAT that its declaration bears, beside the ledger; null where nobody said it (НДС по декларации).
    #[graphql(complexity = 10)]
    async fn declared_vat(&self, cx: &Context<'_>) -> Result<Option<DeclaredVat>> {
        let (period, sector) = (self.0.period(), self.0.sector());
        let Some(declared) = reopening::filing(cx.db(), period, sector).await?.and_then(|filing| filing.vat)
        else {
            return Ok(None);
        };
        let declared = Money::from_tiyn(declared);
        let ledger = Money::from_tiyn(reopening::vat_of_month(cx.db(), period, sector).await?);
        Ok(Some(DeclaredVat { declared, ledger, difference: ledger - declared }))
    }

    /// Wishes to open it again after it was closed, newest first (вскрытия).
    #[graphql(complexity = "5 + child_complexity")]
    async fn reopenings(&self, cx: &Context<'_>) -> Result<Vec<Reopening>> {
        let rows = reopening::of_month(cx.db(), self.0.period(), self.0.sector()).await?;
        Ok(rows.into_iter().filter_map(Reopening::of).collect())
    }

    /// Who closed it (кто закрыл).
    async fn closed_by(&self) -> Option<&str> {
        self.0.closed_by.as_deref()
    }

    /// Every condition of closing, met or broken (условия закрытия).
    #[graphql(complexity = "40 + child_complexity")]
    async fn conditions(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only this one.")] code: Option<ledger::CloseConditionCode>,
    ) -> Result<Vec<CloseCondition>> {
        let (period, sector) = (self.0.period(), self.0.sector());
        let figures = close::conditions(cx.db(), period, sector).await?;
        let broken = ledger::may_close(&figures);
        let language = cx.language();
        let condition = |code: ledger::CloseConditionCode| {
            let found = broken.iter().find(|b| b.condition == code);
            CloseCondition {
                period,
                sector,
                code,
                message: messages::text(language, &format!("CLOSE_{}", code.code().to_uppercase()), &[]),
                expected: found.map(|b| b.expected.clone()),
                found: found.map(|b| b.found.clone()),
            }
        };
        let wanted = |one: &ledger::CloseConditionCode| code.is_none_or(|code| code == *one);
        Ok(ledger::CloseConditionCode::ALL.iter().copied().filter(wanted).map(condition).collect())
    }

    /// By when each step of closing is due, and whether it is done (календарь закрытия).
    #[graphql(complexity = "15 + child_complexity")]
    async fn cut_offs(&self, cx: &Context<'_>) -> Result<Vec<CutOff>> {
        let (period, sector, clock) = (self.0.period(), self.0.sector(), &cx.app().clock);
        let days = ops::cut_offs(cx.db(), period, sector, clock).await?.unwrap_or_default();
        let done = cut_off::done(cx.db(), period, sector).await?;
        let step = |(step, due_on, own): (ledger::CutOffStep, chrono::NaiveDate, Option<cut_off::Set>)| {
            let done_at = done.at(step);
            CutOff {
                step,
                due_on: Date(due_on),
                state: ledger::cut_off_state(due_on, done_at.is_some(), clock.today()),
                done_at,
                reason: own.as_ref().map(|set| set.reason.clone()),
                set_by: own.map(|set| set.set_by),
            }
        };
        Ok(days.into_iter().map(step).collect())
    }

    /// Readings of the month by how they came: received = the sum of the rest (показания по каналам).
    #[graphql(complexity = "15 + child_complexity")]
    async fn channels(&self, cx: &Context<'_>) -> Result<Vec<ChannelCounts>> {
        let rows = entities::readings::counts_by_channel(cx.db(), self.0.period(), self.0.sector()).await?;
        let counts = |(channel, counts): (domain::readings::Channel, entities::readings::Counts)| {
            ChannelCounts { channel, counts: counts.into() }
        };
        Ok(rows.into_iter().map(counts).collect())
    }

    /// One of the auditor's reports, frozen where the month is closed (отчёт закрытия).
    #[graphql(complexity = "60 + child_complexity")]
    async fn report(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one.")] code: ledger::CloseReportCode,
    ) -> Result<CloseReport> {
        let found = report::figures(cx.db(), code, self.0.period(), self.0.sector()).await?;
        Ok(CloseReport::of(code, found, cx.language()))
    }

    /// The run of the month, if one is live (расчёт).
    async fn run(&self, cx: &Context<'_>) -> Result<Option<Run>> {
        Ok(entities::billing::run::live(cx.db(), self.0.period(), self.0.sector()).await?.map(Run))
    }

    /// Accounts active in the month (действующих счетов).
    #[graphql(complexity = 10)]
    async fn accounts(&self, cx: &Context<'_>) -> Result<i64> {
        Ok(self.turnover(cx).await?.accounts)
    }

    /// Readings of the month by verdict: received = the sum of the rest (показания).
    #[graphql(complexity = "10 + child_complexity")]
    async fn readings(&self, cx: &Context<'_>) -> Result<ReadingCounts> {
        Ok(entities::readings::counts(cx.db(), self.0.period(), self.0.sector()).await?.into())
    }

    /// Charged in the month (начислено).
    #[graphql(complexity = 10)]
    async fn charged(&self, cx: &Context<'_>) -> Result<Money> {
        Ok(Money::from_tiyn(self.turnover(cx).await?.charged))
    }

    /// Paid in the month (оплачено).
    #[graphql(complexity = 10)]
    async fn paid(&self, cx: &Context<'_>) -> Result<Money> {
        Ok(Money::from_tiyn(self.turnover(cx).await?.paid))
    }
}

/// A step of closing a month with its day (срок шага закрытия).
#[derive(SimpleObject)]
pub struct CutOff {
    /// Which step (шаг).
    pub step: ledger::CutOffStep,
    /// By when (срок).
    pub due_on: Date,
    /// Where it stands (состояние).
    pub state: ledger::CutOffState,
    /// When it was done (когда сделано).
    pub done_at: Option<DateTime<Utc>>,
    /// Why the day is another than usual (причина переноса).
    pub reason: Option<String>,
    /// Who moved it (кто перенёс).
    pub set_by: Option<String>,
}

/// A day that is worked on, or not, against its weekday (особый день календаря).
pub struct CalendarDay(pub calendar::CalendarDay);

impl From<calendar::CalendarDay> for CalendarDay {
    fn from(row: calendar::CalendarDay) -> Self {
        Self(row)
    }
}

/// A day that is worked on, or not, against its weekday (особый день календаря).
#[Object]
impl CalendarDay {
    /// The day (день).
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// Off, or worked on (вид).
    async fn kind(&self) -> CalendarDayKind {
        self.0.kind
    }

    /// What the day is, as the act says it (название).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Which act says so (источник).
    async fn source(&self) -> &str {
        &self.0.source
    }

    /// Not certain: to be confirmed by the act (требует подтверждения).
    async fn demo(&self) -> bool {
        self.0.demo
    }

    /// Who recorded it (кем записано).
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }
}

/// A day and what the calendar says of it (день календаря).
#[derive(SimpleObject)]
pub struct CalendarOfDay {
    /// The day (день).
    pub day: Date,
    /// What makes it another than its weekday says; nothing where nothing does (особенность).
    pub exception: Option<CalendarDay>,
}

impl From<(chrono::NaiveDate, Option<calendar::CalendarDay>)> for CalendarOfDay {
    fn from((day, row): (chrono::NaiveDate, Option<calendar::CalendarDay>)) -> Self {
        Self { day: Date(day), exception: row.map(CalendarDay) }
    }
}

/// A day of the calendar to record (особый день календаря).
#[derive(Debug, Clone, InputObject)]
pub struct CalendarDaySetInput {
    /// The day; not one that is past (день).
    pub day: Date,
    /// Off, or worked on; without it the day is what its weekday says (вид).
    pub kind: Option<CalendarDayKind>,
    /// What the day is, as the act says it (название).
    #[graphql(default, validator(max_length = 200))]
    pub name: String,
    /// Which act says so (источник).
    #[graphql(default, validator(max_length = 300))]
    pub source: String,
    /// The act in the register of documents (документ).
    pub document_id: Gid<DocumentId>,
}

/// Water that the whole city was given in a month (поднято и подано воды).
#[derive(SimpleObject)]
pub struct WaterProduced {
    /// Month (период).
    pub period: Period,
    /// How much, in m³ (объём).
    pub volume: Volume,
    /// Who recorded it (кто записал).
    pub recorded_by: String,
    /// When (когда записано).
    pub recorded_at: DateTime<Utc>,
}

impl From<water::Produced> for WaterProduced {
    fn from(row: water::Produced) -> Self {
        Self {
            period: Period::of(row.period),
            volume: Volume::from_liters(row.liters),
            recorded_by: row.recorded_by,
            recorded_at: row.recorded_at,
        }
    }
}

/// Readings of a month that came one way (показания канала).
#[derive(SimpleObject)]
pub struct ChannelCounts {
    /// How they came (канал).
    pub channel: domain::readings::Channel,
    /// What became of them (итог).
    pub counts: ReadingCounts,
}

/// VAT of a declaration beside the ledger (НДС декларации и главной книги).
#[derive(SimpleObject)]
pub struct DeclaredVat {
    /// As declared (по декларации).
    pub declared: Money,
    /// As the ledger says (по главной книге).
    pub ledger: Money,
    /// Ledger less declaration (разница).
    pub difference: Money,
}

/// A wish to open a closed month again (вскрытие закрытого периода).
#[derive(SimpleObject)]
pub struct Reopening {
    /// Where it stands (состояние).
    pub state: ledger::ReopeningState,
    /// Why (причина).
    pub reason: String,
    /// Who asked (кто запросил).
    pub requested_by: String,
    /// When (когда).
    pub requested_at: DateTime<Utc>,
    /// Who decided (кто решил).
    pub decided_by: Option<String>,
    /// When (когда решено).
    pub decided_at: Option<DateTime<Utc>>,
}

impl Reopening {
    fn of(row: reopening::Reopening) -> Option<Self> {
        Some(Self {
            state: ledger::ReopeningState::from_code(&row.state)?,
            reason: row.reason,
            requested_by: row.requested_by,
            requested_at: row.requested_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
        })
    }
}

/// A report on a month of a sector: frozen when the month was closed, and the same ever since (отчёт закрытия).
#[derive(SimpleObject)]
pub struct CloseReport {
    /// Which one (код).
    pub code: ledger::CloseReportCode,
    /// What it is called (название).
    pub name: String,
    /// When its figures were frozen; null while the month is not closed (зафиксирован).
    pub frozen_at: Option<DateTime<Utc>>,
    /// Fingerprint of the frozen figures (контрольная сумма).
    pub hash: Option<String>,
    /// How often the month was closed (номер закрытия).
    pub version: Option<i32>,
    /// What stands in a row (столбцы).
    pub columns: Vec<ReportColumn>,
    /// Cells in the order of the columns: sums in tenge, volumes in m³, words in the language of the request; empty where there is
    /// nothing (строки).
    pub rows: Vec<Vec<String>>,
}

/// A column of a report (столбец).
#[derive(SimpleObject)]
pub struct ReportColumn {
    /// Its code (код).
    pub code: String,
    /// Its head, in the language of the request (заголовок).
    pub name: String,
    /// What stands in it (вид).
    pub kind: ledger::ReportColumnKind,
}

impl CloseReport {
    fn of(code: ledger::CloseReportCode, found: report::Figures, language: messages::Language) -> Self {
        let rows = found.rows.iter().map(|row| {
            let cell = |(name, kind): &(&str, ledger::ReportColumnKind)| {
                said(*kind, &row[*name], language).map_or_else(String::new, |cell| cell.shown())
            };
            code.columns().iter().map(cell).collect()
        });
        let column = |(name, kind): &(&str, ledger::ReportColumnKind)| ReportColumn {
            code: (*name).to_owned(),
            name: messages::text(language, &format!("REPORT_COLUMN_{}", name.to_uppercase()), &[]),
            kind: *kind,
        };
        Self {
            code,
            name: messages::text(language, &format!("REPORT_{}", code.code().to_uppercase()), &[]),
            frozen_at: found.frozen.as_ref().map(|frozen| frozen.at),
            version: found.frozen.as_ref().map(|frozen| frozen.version),
            hash: found.frozen.map(|frozen| frozen.hash),
            columns: code.columns().iter().map(column).collect(),
            rows: rows.collect(),
        }
    }
}

/// A cell of a report.
pub enum Said {
    Text(String),
    Money(Money),
    Volume(Volume),
    Count(i64),
}

impl Said {
    fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Money(sum) => sum.to_string(),
            Self::Volume(volume) => volume.to_string(),
            Self::Count(number) => number.to_string(),
        }
    }
}

/// What a value of a report says; nothing where there is none.
pub fn said(
    kind: ledger::ReportColumnKind,
    value: &serde_json::Value,
    language: messages::Language,
) -> Option<Said> {
    use ledger::ReportColumnKind as Kind;
    let number = value.as_i64();
    match kind {
        Kind::Money => number.map(|tiyn| Said::Money(Money::from_tiyn(tiyn))),
        Kind::Volume => number.map(|liters| Said::Volume(Volume::from_liters(liters))),
        Kind::Count => number.map(Said::Count),
        // A name is kept in every language: a frozen report is read in each.
        Kind::Text | Kind::Rate => {
            let text = if value.is_object() { &value[language.code()] } else { value };
            text.as_str().map(|text| Said::Text(text.to_owned()))
        }
        // Months that were closed earlier have pairs of codes ("payment.reverse"), which have no words.
        Kind::Word => value.as_str().filter(|code| !code.is_empty()).map(|code| {
            Said::Text(match code.contains('.') {
                true => code.to_owned(),
                false => messages::text(language, &format!("REPORT_WORD_{}", code.to_uppercase()), &[]),
            })
        }),
    }
}

/// Readings of a month by verdict: nothing is dropped, received is the sum of the rest (показания месяца).
#[derive(SimpleObject)]
pub struct ReadingCounts {
    /// All that arrived (получено).
    pub received: i64,
    /// Accepted (принято).
    pub accepted: i64,
    /// Waiting for a decision (сомнительные).
    pub doubtful: i64,
    /// Rejected with a reason (отклонено).
    pub rejected: i64,
    /// Replaced by a later one (заменено).
    pub superseded: i64,
    /// Taken back by the sender (отозвано).
    pub withdrawn: i64,
}

impl From<entities::readings::Counts> for ReadingCounts {
    fn from(row: entities::readings::Counts) -> Self {
        Self {
            received: row.received,
            accepted: row.accepted,
            doubtful: row.doubtful,
            rejected: row.rejected,
            superseded: row.superseded,
            withdrawn: row.withdrawn,
        }
    }
}

/// A condition of closing a month (условие закрытия).
pub struct CloseCondition {
    period: Period,
    sector: Sector,
    code: ledger::CloseConditionCode,
    message: String,
    expected: Option<String>,
    found: Option<String>,
}

/// A condition of closing a month (условие закрытия).
#[Object]
impl CloseCondition {
    /// Which one (код).
    async fn code(&self) -> ledger::CloseConditionCode {
        self.code
    }

    /// In words (описание).
    async fn message(&self) -> &str {
        &self.message
    }

    /// Whether it holds (выполнено).
    async fn met(&self) -> bool {
        self.found.is_none()
    }

    /// The figure that should be, when broken (должно быть).
    async fn expected(&self) -> Option<&str> {
        self.expected.as_deref()
    }

    /// The figure that is, when broken (есть).
    async fn found(&self) -> Option<&str> {
        self.found.as_deref()
    }

    /// The accounts behind a broken condition, where it is about accounts (счета, нарушающие условие).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn accounts(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Account>> {
        let page = page_of::<i64>(first, after)?;
        if self.found.is_none() {
            // What holds has no rows behind it; finding that out would cost as much as checking it again.
            return Ok(Conn::new(false, false));
        }
        let ids = close::broken_accounts(cx.db(), self.period, self.sector, self.code, page.clone()).await?;
        let mut rows = account::by_ids(cx.db(), ids.rows.iter().copied().map(AccountId).collect()).await?;
        let scope = cx.scope()?;
        rows.retain(|row| row.in_scope(scope));
        rows.sort_by_key(|row| row.id);
        let slice = entities::kernel::Slice { rows, has_next: ids.has_next };
        Ok(connection(slice, page.after.is_some(), |row| row.id.0, Account::from))
    }

    /// Days of agents and shifts of desks that keep the month's money unreconciled, 200 at most; nothing of any other condition
    /// (что не сверено).
    #[graphql(complexity = "10 + child_complexity")]
    async fn unreconciled(&self, cx: &Context<'_>) -> Result<Vec<UnreconciledMoney>> {
        if self.code != ledger::CloseConditionCode::PaymentsReconciled || self.found.is_none() {
            return Ok(Vec::new());
        }
        let rows = close::unreconciled(cx.db(), self.period, self.sector).await?;
        Ok(rows.into_iter().map(UnreconciledMoney::from).collect())
    }

    /// Runs, files, corrections, amendments and penalty at work, and checked files of readings that wait, 200 at most; nothing of any
    /// other condition (что не завершено).
    #[graphql(complexity = "10 + child_complexity")]
    async fn at_work(&self, cx: &Context<'_>) -> Result<Vec<WorkAtHand>> {
        if self.code != ledger::CloseConditionCode::NothingAtWork || self.found.is_none() {
            return Ok(Vec::new());
        }
        let rows = close::at_work(cx.db(), self.period, self.sector).await?;
        Ok(rows.into_iter().map(WorkAtHand::from).collect())
    }
}

/// Work that would still change the month: exactly one of the ids says which (незавершённая работа).
#[derive(SimpleObject)]
pub struct WorkAtHand {
    /// Node id of a run (расчёт).
    pub run_id: Option<Gid<RunId>>,
    /// Node id of a file (загрузка).
    pub import_id: Option<Gid<ImportBatchId>>,
    /// Node id of a correction (перерасчёт).
    pub correction_id: Option<Gid<CorrectionId>>,
    /// Node id of an amendment (исправление).
    pub amendment_id: Option<Gid<AmendmentId>>,
    /// Node id of an accrual of penalty (начисление пени).
    pub accrual_id: Option<Gid<AccrualId>>,
    /// Of a file its name, of corrections and amendments the reason (название).
    pub name: Option<String>,
    /// Nobody works on it: a checked file of readings is committed or put away by somebody (ждёт решения).
    pub waits: bool,
    /// Since when (с какого времени).
    pub since: DateTime<Utc>,
}

impl From<close::AtWork> for WorkAtHand {
    fn from(row: close::AtWork) -> Self {
        let of = |kind: &str| (row.kind == kind).then_some(row.id);
        Self {
            run_id: of("run").map(|id| Gid(RunId(id))),
            import_id: of("import").map(|id| Gid(ImportBatchId(id))),
            correction_id: of("correction").map(|id| Gid(CorrectionId(id))),
            amendment_id: of("amendment").map(|id| Gid(AmendmentId(id))),
            accrual_id: of("penalty").map(|id| Gid(AccrualId(id))),
            name: row.name,
            waits: row.waits,
            since: row.since,
        }
    }
}

/// Money of a month that nobody has reconciled: a day of an agent, or a shift of a cash desk (несверенные деньги).
#[derive(SimpleObject)]
pub struct UnreconciledMoney {
    /// The agent's day, by his own clock; of a shift the day it was opened on (день).
    pub day: Date,
    /// Node id of the agent's channel; nothing of a shift (канал).
    pub channel_id: Option<Gid<ChannelId>>,
    /// Code of the channel (код канала).
    pub channel: Option<String>,
    /// Registries of the day that came; none is why it is not reconciled (реестров получено).
    pub files: i64,
    /// Rows of them that nobody has decided (строк без решения).
    pub undecided: i64,
    /// Node id of the shift that has no Z; nothing of an agent's day (смена).
    pub shift_id: Option<Gid<ShiftId>>,
    /// Number of the shift (номер смены).
    pub shift_number: Option<i32>,
    /// Code of the shift's desk (касса).
    pub desk: Option<String>,
}

impl From<close::Unreconciled> for UnreconciledMoney {
    fn from(row: close::Unreconciled) -> Self {
        Self {
            day: row.day.into(),
            channel_id: row.channel_id.map(|id| Gid(ChannelId(id))),
            channel: row.channel,
            files: row.files,
            undecided: row.undecided,
            shift_id: row.shift_id.map(|id| Gid(ShiftId(id))),
            shift_number: row.number,
            desk: row.desk,
        }
    }
}

/// Turnover of the general ledger in a month (оборотно-сальдовая ведомость).
#[derive(SimpleObject)]
pub struct TrialBalance {
    /// Month (период).
    pub period: Period,
    /// By sector and ledger account (строки).
    pub rows: Vec<TrialBalanceRow>,
    /// Debits less credits: always zero (разница).
    pub difference: Money,
    /// Open items less receivables and advances of the ledger, over all time: always zero (аналитика минус главная книга).
    pub sub_ledger_difference: Money,
}

/// A line of the trial balance (строка ведомости).
#[derive(SimpleObject)]
pub struct TrialBalanceRow {
    /// Sector (сектор).
    pub sector: Sector,
    /// Ledger account (счёт).
    pub account: LedgerAccount,
    /// Debit turnover (дебет).
    pub debit: Money,
    /// Credit turnover (кредит).
    pub credit: Money,
}

/// An owner's share, and the part of the balance that goes with it (доля собственника).
pub struct OwnerPart {
    pub owner: owner::Owner,
    pub part: Money,
}

/// An owner's share, and the part of the balance that goes with it (доля собственника).
#[Object]
impl OwnerPart {
    /// Who (собственник).
    async fn person(&self, cx: &Context<'_>) -> Result<Party> {
        party(cx, self.owner.party_id).await
    }

    /// The share as it was written: 1/3 (доля).
    async fn share(&self) -> String {
        format!("{}/{}", self.owner.numerator, self.owner.denominator)
    }

    /// Since when (с).
    async fn from(&self) -> Date {
        Date(self.owner.from)
    }

    /// The part of what the account owes now; parts add up to it (часть сальдо).
    async fn part(&self) -> Money {
        self.part
    }
}

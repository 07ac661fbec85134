//! Three ways to tell what agents took: days of channels, their registries, the bank's statements. All of it is of the whole city.

use async_graphql::{Context, InputObject, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::payments::{
    Day, DayState, LineState, MatchState, RegistryColumn, RegistryLayout, RegistryState, RowDecision,
    SerialRule, StatementState, Terms, Totals,
};
use entities::payments::registry::{self, DayRow};
use entities::payments::statement::{self, Means};
use entities::payments::terms::{self, NewTerms, RegistryTerms};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};

use super::ops::{self, Deciding, Which};
use super::refund::{Refund, RefundById};
use super::types::{Payment, payment_by_id};
use super::whole_city;
use crate::platform::Refusal;
use crate::platform::graphql::loaders::{Loaders, gather};
use crate::platform::graphql::*;
use crate::platform::jobs::graph::{Job, JobById};
use crate::wiring::account::{Account, account_by_id};
use crate::{allow, edge, payload};

/// Lines that are decided on at once; more of them are a job.
const AT_ONCE: usize = 200;

/// How a channel's registry is laid out (разметка реестра).
#[derive(Debug, Clone, SimpleObject, InputObject)]
#[graphql(name = "RegistryLayout", input_name = "RegistryLayoutInput")]
pub struct Layout {
    /// What stands between fields: a tab, `;`, `,` or `|` (разделитель).
    pub separator: String,
    /// Whether the first line names the columns (строка заголовка).
    pub header: bool,
    /// What the closing line with count and sum begins with; without it a file closes with nothing (итоговая строка).
    pub total: Option<String>,
    /// The columns, in their order (столбцы).
    pub columns: Vec<RegistryColumn>,
}

impl From<RegistryLayout> for Layout {
    fn from(layout: RegistryLayout) -> Self {
        let RegistryLayout { separator, header, total, columns } = layout;
        Self { separator: separator.to_string(), header, total, columns }
    }
}

impl From<Layout> for RegistryLayout {
    fn from(layout: Layout) -> Self {
        let mut letters = layout.separator.chars();
        // Two letters are no separator: the rule says so.
        let separator = letters.next().filter(|_| letters.next().is_none()).unwrap_or('\0');
        let total = layout.total.filter(|word| !word.is_empty());
        Self { separator, header: layout.header, total, columns: layout.columns }
    }
}

/// A channel's terms of reconciliation (условия сверки).
pub struct ReconcileTerms(RegistryTerms);

impl From<RegistryTerms> for ReconcileTerms {
    fn from(row: RegistryTerms) -> Self {
        Self(row)
    }
}

/// A channel's terms of reconciliation (условия сверки).
#[Object]
impl ReconcileTerms {
    /// Node id of the channel.
    async fn channel_id(&self) -> Gid<ChannelId> {
        Gid(ChannelId(self.0.channel_id))
    }

    /// Code of the channel (канал).
    async fn channel(&self) -> &str {
        &self.0.channel
    }

    /// Time zone of its files, by its name in the tz database (часовой пояс).
    async fn zone(&self) -> &str {
        &self.0.zone
    }

    /// How its registry is laid out (разметка реестра).
    async fn layout(&self) -> Result<Layout> {
        Ok(self.0.layout()?.into())
    }

    /// The first business day whose file is expected (с какого дня).
    async fn since(&self) -> Date {
        Date(self.0.since)
    }

    /// By this time of the day after, in Almaty, the file is here: "10:00" (срок реестра).
    async fn due_at(&self) -> String {
        self.0.due_at.format("%H:%M").to_string()
    }

    /// So many hours after that the agent must have been told of differences (часов на обращение).
    async fn contact_hours(&self) -> i32 {
        self.0.contact_hours
    }

    /// What becomes of a day when one more file of it comes (следующий файл дня).
    async fn serial_rule(&self) -> SerialRule {
        self.0.serial_rule
    }

    /// What the agent keeps, in hundredths of a percent, where his file does not say it (комиссия).
    async fn fee_points(&self) -> i32 {
        self.0.fee_points
    }

    /// Who gets a letter when no file came (кому сообщать).
    async fn alarm_to(&self) -> Option<&str> {
        self.0.alarm_to.as_deref()
    }

    /// Version, for a change (версия).
    async fn version(&self) -> i32 {
        self.0.version
    }
}

/// Count and sum (количество и сумма).
#[derive(Debug, Clone, Copy, SimpleObject)]
pub struct Counted {
    /// How many (количество).
    pub count: i64,
    /// Their sum (сумма).
    pub sum: Money,
}

impl From<Totals> for Counted {
    fn from(totals: Totals) -> Self {
        Self { count: totals.count.cast_signed(), sum: totals.sum }
    }
}

/// A business day of a channel, told three ways (день канала).
pub struct ReconcileDay {
    row: DayRow,
    terms: Terms,
    channel: String,
    now: NaiveDateTime,
}

impl ReconcileDay {
    fn day(&self) -> Day {
        self.row.day()
    }
}

/// A business day of a channel, told three ways (день канала).
#[Object]
impl ReconcileDay {
    /// Node id of the channel.
    async fn channel_id(&self) -> Gid<ChannelId> {
        Gid(ChannelId(self.row.channel_id))
    }

    /// Code of the channel (канал).
    async fn channel(&self) -> &str {
        &self.channel
    }

    /// The agent's day, by his own clock (операционный день).
    async fn date(&self) -> Date {
        Date(self.row.day)
    }

    /// Our journal; money whose account is not known is in it (наш журнал).
    async fn ours(&self) -> Counted {
        self.day().ours.into()
    }

    /// The agent's registries that count (реестр агента).
    async fn theirs(&self) -> Counted {
        self.day().theirs.into()
    }

    /// How many files came (файлов).
    async fn files(&self) -> i64 {
        self.row.files
    }

    /// What the bank was paid for the day, and in how many lines (банк).
    async fn bank(&self) -> Counted {
        Counted { count: self.row.bank_lines, sum: Money::from_tiyn(self.row.bank_sum) }
    }

    /// What the agent keeps (комиссия).
    async fn fee(&self) -> Money {
        self.day().fee(&self.terms)
    }

    /// Journal less registry (журнал минус реестр).
    async fn difference(&self) -> Money {
        self.day().ours.sum - self.day().theirs.sum
    }

    /// What the bank should have been paid and was not; negative where it was paid too much (недоплата банка).
    async fn bank_difference(&self) -> Money {
        self.day().bank_difference(&self.terms)
    }

    /// Rows that wait for a decision (ждут решения).
    async fn undecided(&self) -> i64 {
        self.row.undecided
    }

    /// Whether a file is being compared (идёт сверка).
    async fn matching(&self) -> bool {
        self.row.matching
    }

    /// Where the day stands (состояние).
    async fn state(&self) -> DayState {
        self.day().state(&self.terms, self.row.day, self.now)
    }

    /// When the file is due, in Almaty: "2026-03-26T10:00" (срок реестра).
    async fn due(&self) -> String {
        self.terms.due(self.row.day).format("%Y-%m-%dT%H:%M").to_string()
    }

    /// Until when the agent must have been told of differences, in Almaty (обратиться до).
    async fn contact_by(&self) -> String {
        self.terms.contact_by(self.row.day).format("%Y-%m-%dT%H:%M").to_string()
    }
}

/// A file that did not come by the hour (тревога).
#[derive(SimpleObject)]
pub struct RegistryAlarm {
    /// Node id of the channel.
    pub channel_id: Gid<ChannelId>,
    /// Code of the channel (канал).
    pub channel: String,
    /// The agent's day (операционный день).
    pub date: Date,
    /// Until when the agent must have been told, in Almaty (обратиться до).
    pub contact_by: String,
    /// When it was noticed (замечено).
    pub raised_at: DateTime<Utc>,
    /// Who told the agent (кто обратился).
    pub seen_by: Option<String>,
}

/// An agent's registry of a business day (реестр агента).
pub struct Registry(pub registry::Registry);

impl From<registry::Registry> for Registry {
    fn from(row: registry::Registry) -> Self {
        Self(row)
    }
}

edge!(
    /// How many rows of a registry stand how.
    CountedRows(RegistryId) => Vec<registry::Counted>, |app, ids| async {
        let rows = registry::counted(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows.into_iter().map(|row| (RegistryId(row.registry_id), row))))
    }
);

edge!(
    /// The same of lines of a statement.
    CountedLines(StatementId) => Vec<statement::Counted>, |app, ids| async {
        let rows = statement::counted(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows.into_iter().map(|row| (StatementId(row.statement_id), row))))
    }
);

/// How many rows stand how (строки по состояниям).
#[derive(SimpleObject)]
pub struct RowsCounted {
    /// How they stand to our journal (состояние).
    pub state: MatchState,
    /// What a person did about them (решение).
    pub decision: Option<RowDecision>,
    /// How many (количество).
    pub count: i64,
    /// Their sum (сумма).
    pub sum: Money,
}

/// An agent's registry of a business day (реестр агента).
#[Object]
impl Registry {
    /// Node id.
    async fn id(&self) -> Gid<RegistryId> {
        Gid(RegistryId(self.0.id))
    }

    /// Node id of the channel.
    async fn channel_id(&self) -> Gid<ChannelId> {
        Gid(ChannelId(self.0.channel_id))
    }

    /// Code of the channel (канал).
    async fn channel(&self) -> &str {
        &self.0.channel
    }

    /// The agent's day (операционный день).
    async fn date(&self) -> Date {
        Date(self.0.business_date)
    }

    /// Its number within the day (номер файла).
    async fn serial(&self) -> i32 {
        self.0.serial
    }

    /// Name of the file (имя файла).
    async fn filename(&self) -> &str {
        &self.0.filename
    }

    /// Where it stands (состояние).
    async fn state(&self) -> RegistryState {
        self.0.state
    }

    /// Its rows and their sum, as its closing line says (итог файла).
    async fn totals(&self) -> Counted {
        Counted { count: self.0.rows_total, sum: Money::from_tiyn(self.0.sum_total) }
    }

    /// What the agent keeps, as his file says (комиссия).
    async fn fee(&self) -> Money {
        Money::from_tiyn(self.0.fee_total)
    }

    /// How many rows stand how (строки по состояниям).
    async fn counts(&self, cx: &Context<'_>) -> Result<Vec<RowsCounted>> {
        let rows = cx.loader().load_one(CountedRows(RegistryId(self.0.id))).await?.unwrap_or_default();
        let of = |row: registry::Counted| RowsCounted {
            state: row.state,
            decision: row.decision,
            count: row.count,
            sum: Money::from_tiyn(row.sum),
        };
        Ok(rows.into_iter().map(of).collect())
    }

    /// Why the comparison broke off (ошибка).
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// The work that is done on it, or was done last (задание).
    async fn job(&self, cx: &Context<'_>) -> Result<Option<Job>> {
        match self.0.job_id {
            Some(id) => Ok(cx.loader().load_one(JobById(JobId(id))).await?.map(Job::from)),
            None => Ok(None),
        }
    }

    /// Who brought it (кем загружен).
    async fn uploaded_by(&self) -> &str {
        &self.0.uploaded_by
    }

    /// When (когда загружен).
    async fn uploaded_at(&self) -> DateTime<Utc> {
        self.0.uploaded_at
    }
}

/// A row of a registry, or a payment of ours that no registry has (строка реестра).
pub struct RegistryRow(registry::Row);

/// A row of a registry, or a payment of ours that no registry has (строка реестра).
#[Object]
impl RegistryRow {
    /// Node id of its registry.
    async fn registry_id(&self) -> Gid<RegistryId> {
        Gid(RegistryId(self.0.registry_id))
    }

    /// Line of the file; below zero a payment that the file does not have (строка).
    async fn line(&self) -> i32 {
        self.0.line
    }

    /// The agent's number of the payment (номер операции).
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// The account as the payer typed it, an identification number masked (указанный счёт).
    async fn account_typed(&self) -> String {
        ops::masked(&self.0.account_raw)
    }

    /// The account it names (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Option<Account>> {
        match self.0.account_id {
            Some(id) => Ok(Some(account_by_id(cx, AccountId(id)).await?)),
            None => Ok(None),
        }
    }

    /// Sum (сумма).
    async fn amount(&self) -> Money {
        Money::from_tiyn(self.0.amount)
    }

    /// The payer's moment (время платежа).
    async fn paid_at(&self) -> Option<DateTime<Utc>> {
        self.0.paid_at
    }

    /// Its day in Almaty: the debtor is discharged on it (дата платежа).
    async fn paid_on(&self) -> Date {
        Date(self.0.paid_on)
    }

    /// What it is for, where the file says so (услуга).
    async fn service(&self) -> Option<Service> {
        self.0.service.as_deref().and_then(Service::from_code)
    }

    /// How it stands to our journal (состояние).
    async fn state(&self) -> MatchState {
        self.0.state
    }

    /// The sum in our journal, where that is another one (сумма в журнале).
    async fn our_amount(&self) -> Option<Money> {
        self.0.ours_amount.map(Money::from_tiyn)
    }

    /// The account in our journal, where that is another one (счёт в журнале).
    async fn our_account(&self, cx: &Context<'_>) -> Result<Option<Account>> {
        match self.0.ours_account {
            Some(id) => Ok(Some(account_by_id(cx, AccountId(id)).await?)),
            None => Ok(None),
        }
    }

    /// Our payment of the number (платёж).
    #[graphql(complexity = "5 + child_complexity")]
    async fn payment(&self, cx: &Context<'_>) -> Result<Option<Payment>> {
        payment_by_id(cx, self.0.payment_id).await
    }

    /// What a person did about it (решение).
    async fn decision(&self) -> Option<RowDecision> {
        self.0.decision
    }

    /// What was written about it (примечание).
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Who decided (кто решил).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// When (когда).
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
}

/// A bank account's movements over some days (банковская выписка).
pub struct Statement(pub statement::Statement);

impl From<statement::Statement> for Statement {
    fn from(row: statement::Statement) -> Self {
        Self(row)
    }
}

/// How many lines are what (строки выписки по видам).
#[derive(SimpleObject)]
pub struct LinesCounted {
    /// What they are (вид).
    pub state: LineState,
    /// What a person did about them (решение).
    pub decision: Option<RowDecision>,
    /// How many (количество).
    pub count: i64,
    /// Their sum; money out is negative (сумма).
    pub sum: Money,
}

/// A bank account's movements over some days (банковская выписка).
#[Object]
impl Statement {
    /// Node id.
    async fn id(&self) -> Gid<StatementId> {
        Gid(StatementId(self.0.id))
    }

    /// The utility's bank account (ИИК).
    async fn account(&self) -> &str {
        &self.0.account
    }

    /// First day (с).
    async fn from(&self) -> Date {
        Date(self.0.from_day)
    }

    /// Last day (по).
    async fn to(&self) -> Date {
        Date(self.0.to_day)
    }

    /// Opening balance (входящий остаток).
    async fn opening(&self) -> Money {
        Money::from_tiyn(self.0.opening)
    }

    /// Money in (поступило).
    async fn money_in(&self) -> Money {
        Money::from_tiyn(self.0.sum_in)
    }

    /// Money out (списано).
    async fn money_out(&self) -> Money {
        Money::from_tiyn(self.0.sum_out)
    }

    /// Closing balance: opening + in − out, or the file was refused (исходящий остаток).
    async fn closing(&self) -> Money {
        Money::from_tiyn(self.0.closing)
    }

    /// How many lines (строк).
    async fn lines_total(&self) -> i64 {
        self.0.lines_total
    }

    /// How many lines are what (строки по видам).
    async fn counts(&self, cx: &Context<'_>) -> Result<Vec<LinesCounted>> {
        let rows = cx.loader().load_one(CountedLines(StatementId(self.0.id))).await?.unwrap_or_default();
        let of = |row: statement::Counted| LinesCounted {
            state: row.state,
            decision: row.decision,
            count: row.count,
            sum: Money::from_tiyn(row.sum),
        };
        Ok(rows.into_iter().map(of).collect())
    }

    /// Name of the file (имя файла).
    async fn filename(&self) -> &str {
        &self.0.filename
    }

    /// Where it stands (состояние).
    async fn state(&self) -> StatementState {
        self.0.state
    }

    /// Why the look broke off (ошибка).
    async fn error(&self) -> Option<&str> {
        self.0.error.as_deref()
    }

    /// The work that is done on it, or was done last (задание).
    async fn job(&self, cx: &Context<'_>) -> Result<Option<Job>> {
        match self.0.job_id {
            Some(id) => Ok(cx.loader().load_one(JobById(JobId(id))).await?.map(Job::from)),
            None => Ok(None),
        }
    }

    /// Who brought it (кем загружена).
    async fn uploaded_by(&self) -> &str {
        &self.0.uploaded_by
    }

    /// When (когда загружена).
    async fn uploaded_at(&self) -> DateTime<Utc> {
        self.0.uploaded_at
    }

    /// Lines in the order of the statement (строки).
    async fn lines(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this kind.")] state: Option<LineState>,
        #[graphql(desc = "Only those that wait for a decision.")] undecided: Option<bool>,
        #[graphql(desc = "Payer, purpose, number of the order.", validator(max_length = 100))] search: Option<
            String,
        >,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<StatementLine>> {
        let page = page_of::<i32>(first, after)?;
        let filter = statement::Filter {
            state,
            undecided: undecided.unwrap_or(false),
            search: search.filter(|text| !text.trim().is_empty()),
        };
        let slice = statement::lines(cx.db(), StatementId(self.0.id), &filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.n, StatementLine))
    }
}

/// A movement on a bank account (строка выписки).
pub struct StatementLine(statement::Line);

/// A movement on a bank account (строка выписки).
#[Object]
impl StatementLine {
    /// Its number in the statement (номер).
    async fn number(&self) -> i32 {
        self.0.n
    }

    /// The bank's day (дата).
    async fn day(&self) -> Date {
        Date(self.0.day)
    }

    /// Sum; money out is negative (сумма).
    async fn amount(&self) -> Money {
        self.0.amount()
    }

    /// Number of the payment order (номер платёжного поручения).
    async fn document(&self) -> &str {
        &self.0.document
    }

    /// Who stands on the other side (контрагент).
    async fn payer(&self) -> &str {
        &self.0.payer
    }

    /// What the payer wrote, identification numbers masked (назначение платежа).
    async fn purpose(&self) -> &str {
        &self.0.purpose
    }

    /// КНП (код назначения платежа).
    async fn purpose_code(&self) -> Option<&str> {
        self.0.purpose_code.as_deref()
    }

    /// What it is (вид).
    async fn state(&self) -> LineState {
        self.0.state
    }

    /// The account whose payment it is (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Option<Account>> {
        match self.0.account_id {
            Some(id) => Ok(Some(account_by_id(cx, AccountId(id)).await?)),
            None => Ok(None),
        }
    }

    /// The channel whose money an agent hands on (канал).
    async fn channel_id(&self) -> Option<Gid<ChannelId>> {
        self.0.channel_id.map(|id| Gid(ChannelId(id)))
    }

    /// Of which of his days (операционный день).
    async fn business_date(&self) -> Option<Date> {
        self.0.business_date.map(Date)
    }

    /// What the agent kept of it (комиссия).
    async fn fee(&self) -> Option<Money> {
        self.0.fee.map(Money::from_tiyn)
    }

    /// The refund that the bank paid (возврат).
    #[graphql(complexity = "5 + child_complexity")]
    async fn refund(&self, cx: &Context<'_>) -> Result<Option<Refund>> {
        match self.0.refund_id {
            Some(id) => Ok(cx.loader().load_one(RefundById(RefundId(id))).await?.map(Refund)),
            None => Ok(None),
        }
    }

    /// What a person did about it (решение).
    async fn decision(&self) -> Option<RowDecision> {
        self.0.decision
    }

    /// The payment it became (платёж).
    #[graphql(complexity = "5 + child_complexity")]
    async fn payment(&self, cx: &Context<'_>) -> Result<Option<Payment>> {
        payment_by_id(cx, self.0.payment_id).await
    }

    /// What was written about it (примечание).
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// Who decided (кто решил).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }
}

/// Which rows of registries are asked for.
#[derive(Debug, Clone, Default, InputObject, Serialize, Deserialize)]
pub struct RegistryRowFilter {
    /// Only of this registry (реестр).
    pub registry_id: Option<Gid<RegistryId>>,
    /// Only of this channel (канал).
    pub channel_id: Option<Gid<ChannelId>>,
    /// Only of this day of the agent (операционный день).
    pub date: Option<Date>,
    /// Only in this state (состояние).
    pub state: Option<MatchState>,
    /// Only those that wait for a decision (ждут решения).
    pub undecided: Option<bool>,
    /// A number of a payment or an account (поиск).
    #[graphql(validator(max_length = 100))]
    pub search: Option<String>,
}

impl From<RegistryRowFilter> for registry::Filter {
    fn from(filter: RegistryRowFilter) -> Self {
        Self {
            registry: filter.registry_id.map(|id| id.0),
            channel: filter.channel_id.map(|id| id.0),
            day: filter.date.map(|day| day.0),
            state: filter.state,
            undecided: filter.undecided.unwrap_or(false),
            search: filter.search.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()),
        }
    }
}

/// A channel's terms to set.
#[derive(InputObject)]
pub struct ReconcileTermsInput {
    /// Node id of the channel.
    pub channel_id: Gid<ChannelId>,
    /// How its registry is laid out (разметка реестра).
    pub layout: Layout,
    /// The first business day whose file is expected (с какого дня).
    pub since: Date,
    /// By this time of the day after, in Almaty, the file is here: "10:00" (срок реестра).
    #[graphql(validator(max_length = 8))]
    pub due_at: String,
    /// So many hours after that the agent must have been told of differences (часов на обращение).
    #[graphql(validator(minimum = 0, maximum = 72))]
    pub contact_hours: i32,
    /// What becomes of a day when one more file of it comes (следующий файл дня).
    pub serial_rule: SerialRule,
    /// What the agent keeps, in hundredths of a percent, where his file does not say it (комиссия).
    #[graphql(validator(minimum = 0, maximum = 10000))]
    pub fee_points: i32,
    /// Who gets a letter when no file came (кому сообщать).
    #[graphql(validator(email, max_length = 200))]
    pub alarm_to: Option<String>,
    /// What the caller saw; 0 where there were none (версия).
    pub version: i32,
}

/// A day without a file that somebody has told the agent of.
#[derive(InputObject)]
pub struct RegistryAlarmSeeInput {
    /// Node id of the channel.
    pub channel_id: Gid<ChannelId>,
    /// The agent's day (операционный день).
    pub date: Date,
}

/// Which rows a decision is about.
#[derive(OneofObject)]
pub enum RegistryRowsInput {
    /// These lines; two hundred at most (строки).
    Lines(Vec<i32>),
    /// All that wait in this state: a job (все строки состояния).
    All(MatchState),
}

/// Rows of a registry to decide on.
#[derive(InputObject)]
pub struct RegistryDecideInput {
    /// Node id of the registry.
    pub id: Gid<RegistryId>,
    /// Which rows (строки).
    pub rows: RegistryRowsInput,
    /// What becomes of them (решение).
    pub decision: RowDecision,
    /// Why; what is only looked into needs it (примечание).
    #[graphql(validator(max_length = 500))]
    pub note: Option<String>,
}

/// A registry to compare once more.
#[derive(InputObject)]
pub struct RegistryMatchInput {
    /// Node id of the registry.
    pub id: Gid<RegistryId>,
}

/// What a line is.
#[derive(OneofObject)]
pub enum StatementMeaningInput {
    /// A payment of this account (лицевой счёт).
    Account(Gid<AccountId>),
    /// Money that an agent hands on (перечисление агента).
    Remittance(RemittanceInput),
}

/// Money that an agent hands on.
#[derive(InputObject)]
pub struct RemittanceInput {
    /// Node id of the channel.
    pub channel_id: Gid<ChannelId>,
    /// Of which of his days (операционный день).
    pub date: Date,
}

/// A line to be told what it is.
#[derive(InputObject)]
pub struct StatementLineSetInput {
    /// Node id of the statement.
    pub id: Gid<StatementId>,
    /// Number of the line (номер).
    pub number: i32,
    /// What it is (вид).
    pub meaning: StatementMeaningInput,
}

/// Which lines a decision is about.
#[derive(OneofObject)]
pub enum StatementLinesInput {
    /// These; two hundred at most (строки).
    Numbers(Vec<i32>),
    /// All that wait of this kind: a job (все строки вида).
    All(LineState),
}

/// Lines of a statement to decide on.
#[derive(InputObject)]
pub struct StatementDecideInput {
    /// Node id of the statement.
    pub id: Gid<StatementId>,
    /// Which lines (строки).
    pub lines: StatementLinesInput,
    /// What becomes of them (решение).
    pub decision: RowDecision,
    /// Why; what is only looked into needs it (примечание).
    #[graphql(validator(max_length = 500))]
    pub note: Option<String>,
}

payload!(
    /// What became of terms.
    ReconcileTermsPayload {
        /// The terms (условия сверки).
        terms: ReconcileTerms
    }
);

payload!(
    /// What became of an alarm.
    RegistryAlarmPayload {
        /// Whether it was seen.
        seen: bool
    }
);

payload!(
    /// What became of a registry.
    RegistryPayload {
        /// The registry as it is now (реестр).
        registry: Registry
    }
);

payload!(
    /// What became of a statement.
    StatementPayload {
        /// The statement as it is now (выписка).
        statement: Statement
    }
);

#[derive(Default)]
pub struct ReconcileQuery;

#[Object]
impl ReconcileQuery {
    /// Days of channels, newest first, told three ways: our journal, the agent's registry, the bank; a month at most (сверка по
    /// дням).
    #[graphql(guard = "can(Permission::ReconcileRead)", complexity = "50 + child_complexity")]
    async fn reconcile_days(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "First day.")] from: Date,
        #[graphql(desc = "Last day.")] to: Date,
        #[graphql(desc = "Only of this channel.")] channel_id: Option<Gid<ChannelId>>,
    ) -> Result<Vec<ReconcileDay>> {
        whole_city(cx)?;
        let most = from.0.checked_add_days(Days::new(31)).unwrap_or(from.0);
        if to.0 < from.0 || to.0 > most {
            return Err(ApiError::bad_input("to"));
        }
        let terms = terms::all(cx.db()).await?;
        let now = ops::wall(&cx.app().clock);
        let rows = registry::days(cx.db(), from.0, to.0, channel_id.map(|id| id.0)).await?;
        let day = |row: DayRow| {
            let of = terms.iter().find(|terms| terms.channel_id == row.channel_id)?;
            Some(ReconcileDay { row, terms: of.terms(), channel: of.channel.clone(), now })
        };
        Ok(rows.into_iter().filter_map(day).collect())
    }

    /// Terms of all channels that have some, by their codes (условия сверки).
    #[graphql(guard = "can(Permission::ReconcileRead)")]
    async fn reconcile_terms(&self, cx: &Context<'_>) -> Result<Vec<ReconcileTerms>> {
        whole_city(cx)?;
        Ok(terms::all(cx.db()).await?.into_iter().map(ReconcileTerms).collect())
    }

    /// Files that did not come by the hour; a hundred at most (тревоги).
    #[graphql(guard = "can(Permission::ReconcileRead)")]
    async fn registry_alarms(&self, cx: &Context<'_>) -> Result<Vec<RegistryAlarm>> {
        whole_city(cx)?;
        let terms = terms::all(cx.db()).await?;
        let alarm = |row: terms::Alarm| {
            let of = terms.iter().find(|terms| terms.channel_id == row.channel_id)?;
            Some(RegistryAlarm {
                channel_id: Gid(ChannelId(row.channel_id)),
                channel: of.channel.clone(),
                date: Date(row.business_date),
                contact_by: row.contact_by.format("%Y-%m-%dT%H:%M").to_string(),
                raised_at: row.raised_at,
                seen_by: row.seen_by,
            })
        };
        Ok(terms::alarms(cx.db()).await?.into_iter().filter_map(alarm).collect())
    }

    /// A registry (реестр агента).
    #[graphql(guard = "can(Permission::ReconcileRead)")]
    async fn registry(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<RegistryId>,
    ) -> Result<Option<Registry>> {
        whole_city(cx)?;
        registry::find(cx.db(), id.0).await?.map(|row| Some(Registry(row))).ok_or_else(ApiError::not_found)
    }

    /// Registries, newest first (реестры агентов).
    #[graphql(guard = "can(Permission::ReconcileRead)")]
    async fn registries(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this channel.")] channel_id: Option<Gid<ChannelId>>,
        #[graphql(desc = "Only of this day of the agent.")] date: Option<Date>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Registry>> {
        whole_city(cx)?;
        let page = page_of::<i64>(first, after)?;
        let (channel, day) = (channel_id.map(|id| id.0), date.map(|day| day.0));
        let slice = registry::list(cx.db(), channel, day, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Registry))
    }

    /// Rows of registries that count, in the order of files and lines (строки реестров).
    #[graphql(guard = "can(Permission::ReconcileRead)")]
    async fn registry_rows(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<RegistryRowFilter>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<RegistryRow>> {
        whole_city(cx)?;
        let page = page_of::<(i64, i32)>(first, after)?;
        let slice = registry::rows(cx.db(), &filter.unwrap_or_default().into(), page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| (row.registry_id, row.line), RegistryRow))
    }

    /// A bank statement (банковская выписка).
    #[graphql(guard = "can(Permission::ReconcileRead)")]
    async fn statement(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<StatementId>,
    ) -> Result<Option<Statement>> {
        whole_city(cx)?;
        statement::find(cx.db(), id.0).await?.map(|row| Some(Statement(row))).ok_or_else(ApiError::not_found)
    }

    /// Bank statements, newest first (банковские выписки).
    #[graphql(guard = "can(Permission::ReconcileRead)")]
    async fn statements(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Statement>> {
        whole_city(cx)?;
        let page = page_of::<i64>(first, after)?;
        let slice = statement::list(cx.db(), page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Statement))
    }
}

#[derive(Default)]
pub struct ReconcileMutation;

#[Object]
impl ReconcileMutation {
    /// Sets a channel's terms of reconciliation: layout of its file, hour, what the agent keeps (задать условия сверки).
    #[graphql(guard = "can(Permission::ReconcileConfirm)")]
    async fn reconcile_terms_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What they are.")] input: ReconcileTermsInput,
    ) -> Result<ReconcileTermsPayload> {
        whole_city(cx)?;
        let parsed =
            ["%H:%M", "%H:%M:%S"].iter().find_map(|form| NaiveTime::parse_from_str(&input.due_at, form).ok());
        let Some(due_at) = parsed else {
            let refusal = Refusal::new("BAD_TIME").at("dueAt");
            return Ok(ReconcileTermsPayload::of(Err::<ReconcileTerms, _>(refusal), cx.language()));
        };
        let new = NewTerms {
            channel: input.channel_id.0,
            layout: input.layout.into(),
            since: input.since.0,
            terms: Terms {
                due_at,
                contact_hours: input.contact_hours.unsigned_abs(),
                fee_points: input.fee_points.unsigned_abs(),
            },
            serial_rule: input.serial_rule,
            alarm_to: input.alarm_to.filter(|to| !to.trim().is_empty()),
            version: input.version,
        };
        let done = cx.write(move |tx| ops::set_terms(tx, new).boxed()).await?;
        Ok(ReconcileTermsPayload::of(done, cx.language()))
    }

    /// Somebody has told the agent that his file is missing (отметить обращение к агенту).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn registry_alarm_see(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RegistryAlarmSeeInput,
    ) -> Result<RegistryAlarmPayload> {
        whole_city(cx)?;
        let done = cx.write(move |tx| ops::see_alarm(tx, input.channel_id.0, input.date.0).boxed()).await?;
        Ok(RegistryAlarmPayload::of(done.map(|()| true), cx.language()))
    }

    /// Compares a registry with our journal once more; what was decided stays (сверить реестр заново).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn registry_match(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which.")] input: RegistryMatchInput,
    ) -> Result<RegistryPayload> {
        whole_city(cx)?;
        let done = cx.write(move |tx| ops::match_again(tx, input.id.0).boxed()).await?;
        Ok(RegistryPayload::of(done, cx.language()))
    }

    /// Decides on rows of a registry: recorded under the agent's numbers, put to the money without an account, or looked into. Named
    /// lines at once, all of a state as a job (решить по строкам реестра).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn registry_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which rows, and what becomes of them.")] input: RegistryDecideInput,
    ) -> Result<RegistryPayload> {
        whole_city(cx)?;
        let (app, id) = (cx.app().clone(), input.id.0);
        let which = match input.rows {
            RegistryRowsInput::Lines(lines) if lines.len() > AT_ONCE || lines.is_empty() => {
                return Err(ApiError::bad_input("lines"));
            }
            RegistryRowsInput::Lines(lines) => Which::Lines(lines),
            RegistryRowsInput::All(state) => Which::All(state),
        };
        let deciding = Deciding { which, decision: input.decision, note: input.note };
        let done = cx
            .write(move |tx| {
                async move {
                    if matches!(deciding.which, Which::All(_)) {
                        return ops::decide_all(tx, id, deciding).await;
                    }
                    allow!(ops::decide_rows(tx, id, &deciding, i32::MIN, &app.clock).await?);
                    let row = registry::find(tx, id).await?;
                    Ok(row.ok_or_else(|| Refusal::new("NOT_FOUND").at("id")))
                }
                .boxed()
            })
            .await?;
        Ok(RegistryPayload::of(done, cx.language()))
    }

    /// Says what a line of a statement is, where the look said otherwise; also of one that it took for a repetition (указать, что это за
    /// строка).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn statement_line_set(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and what it is.")] input: StatementLineSetInput,
    ) -> Result<StatementPayload> {
        whole_city(cx)?;
        let means = match input.meaning {
            StatementMeaningInput::Account(id) => Means::Payment(id.0),
            StatementMeaningInput::Remittance(of) => Means::Remittance(of.channel_id.0, of.date.0),
        };
        let done = cx.write(move |tx| ops::mean_line(tx, input.id.0, input.number, means).boxed()).await?;
        Ok(StatementPayload::of(done, cx.language()))
    }

    /// Decides on lines of a statement: payments are recorded, what agents hand on and refunds are posted; or put to the money without
    /// an account, or looked into. Named lines at once, all of a kind as a job (решить по строкам выписки).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn statement_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which lines, and what becomes of them.")] input: StatementDecideInput,
    ) -> Result<StatementPayload> {
        whole_city(cx)?;
        let (app, id) = (cx.app().clone(), input.id.0);
        let which = match input.lines {
            StatementLinesInput::Numbers(lines) if lines.len() > AT_ONCE || lines.is_empty() => {
                return Err(ApiError::bad_input("numbers"));
            }
            StatementLinesInput::Numbers(lines) => Which::Lines(lines),
            StatementLinesInput::All(state) => Which::All(state),
        };
        let deciding = Deciding { which, decision: input.decision, note: input.note };
        let done = cx
            .write(move |tx| {
                async move {
                    if matches!(deciding.which, Which::All(_)) {
                        return ops::decide_all_lines(tx, id, deciding).await;
                    }
                    allow!(ops::decide_lines(tx, id, &deciding, i32::MIN, &app.clock).await?);
                    let row = statement::find(tx, id).await?;
                    Ok(row.ok_or_else(|| Refusal::new("NOT_FOUND").at("id")))
                }
                .boxed()
            })
            .await?;
        Ok(StatementPayload::of(done, cx.language()))
    }
}

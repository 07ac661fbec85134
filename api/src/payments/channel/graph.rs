//! Agents, channels, their traffic and what somebody has to look at, as the office sees them.

use std::collections::HashMap;

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Duration, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::payments::channel::{
    AccountForm, ChannelAuth, ChannelCommand, ChannelOutcome, ClosedPolicy, DatePolicy, DeniedAnswer,
    Dialect, IncidentKind, PayerSees, PaymentNote, SelfCheckScenario, Spelling, TemporaryAnswer,
};
use entities::payments::agent as agents;
use entities::payments::channel as channels;
use entities::payments::incident as incidents;
use entities::payments::request as requests;
use futures_util::FutureExt;

use super::{selfcheck, words};
use crate::edge;
use crate::payload;
use crate::payments::ops::{self, Opened};
use crate::payments::types::{Payment, payment_by_id};
use crate::payments::whole_city;
use crate::platform::Refusal;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::messages::Language;

/// The longest look back at the traffic, in hours.
const MOST_HOURS: i32 = 24 * 31;

edge!(
    /// Agents by their ids.
    AgentById(AgentId) => agents::Agent, |app, ids| async {
        let rows = agents::by_ids(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        Ok(rows.into_iter().map(|row| (AgentId(row.id), row)).collect())
    }
);

/// Who takes money for the utility and hands it on (платёжный агент).
#[derive(SimpleObject)]
pub struct Agent {
    /// Node id.
    pub id: Gid<AgentId>,
    /// Short name in addresses and files (код).
    pub code: String,
    /// What it is called (название).
    pub name: LocalName,
    /// БИН.
    pub bin: Option<String>,
    /// Still works with us (действует).
    pub active: bool,
    /// Grows with each change; an update names the one it was made from.
    pub version: i32,
}

impl From<agents::Agent> for Agent {
    fn from(row: agents::Agent) -> Self {
        Self {
            id: Gid(AgentId(row.id)),
            code: row.code,
            name: LocalName { kk: row.name_kk, ru: row.name_ru, en: row.name_en },
            bin: row.bin,
            active: row.active,
            version: row.version,
        }
    }
}

/// A number that a counterparty wants for an outcome instead of the dialect's (код ответа).
#[derive(SimpleObject)]
pub struct OutcomeCode {
    /// What became of a request (итог).
    pub outcome: ChannelOutcome,
    /// The number that goes over the wire (код).
    pub code: i32,
    /// The number of the dialect (код протокола).
    pub usual: i32,
    /// The agent stops and gives the money back; otherwise it repeats the request (окончательный отказ).
    pub fatal: bool,
    /// What the channel reads beside the number (комментарий).
    pub comment: String,
}

/// A scenario of the published specification and whether the sandbox was shown it (сценарий самопроверки).
#[derive(SimpleObject)]
pub struct ScenarioShown {
    /// Which one (сценарий).
    pub scenario: SelfCheckScenario,
    /// What it asks for, in words (описание).
    pub says: String,
    /// Whether the agent's program has shown it in the last thirty days (показан).
    pub shown: bool,
}

/// A way on which an agent's program talks to us (канал приёма платежей).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct PayChannel {
    /// Node id.
    pub id: Gid<ChannelId>,
    /// Segment of the address `/pay/{code}`, and with the channel's number the key of a payment for ever (код).
    pub code: String,
    /// In which words it speaks (диалект).
    pub dialect: Dialect,
    /// How answers are spelled (формат ответа).
    pub spelling: Spelling,
    /// Its payments are kept apart and never reach the ledger (песочница).
    pub sandbox: bool,
    /// Takes payments (включён).
    pub active: bool,
    /// Whence it may be spoken; none is nobody (разрешённые сети).
    pub networks: Vec<String>,
    /// How it shows that it is itself (проверка подлинности).
    pub auth: ChannelAuth,
    /// Name for Basic (имя пользователя).
    pub auth_user: Option<String>,
    /// The smallest payment (наименьшая сумма).
    pub least: Money,
    /// The largest payment, where it is less than that of all payments (наибольшая сумма).
    pub most: Option<Money>,
    /// Time zone of its dates, by its name in the tz database (часовой пояс).
    pub zone: String,
    /// Language of comments and of lines for the payer (язык).
    pub language: Language,
    /// What its number is called in answers, where that is not what the dialect says (имя поля с номером).
    pub echo: Option<String>,
    /// What numbers of accounts look like on it (вид номера счёта).
    pub account_form: AccountForm,
    /// How it is told to come again (временный сбой).
    pub temporary: TemporaryAnswer,
    /// How a foreign address or a wrong password is answered (отказ в доступе).
    pub denied: DeniedAnswer,
    /// What becomes of payments whose date is missing or wrong (неверная дата).
    pub dates: DatePolicy,
    /// What becomes of money for a closed account that owes nothing (закрытый счёт).
    pub closed: ClosedPolicy,
    /// The same sum for the same account within so many minutes is a possible duplicate; 0 never (минут до дубля).
    pub duplicate_minutes: i32,
    /// Hours in which it may take a payment back; null until the month is closed, 0 never (часов на отмену).
    pub cancel_hours: Option<i32>,
    /// After so many seconds it is told to come again (секунд на ответ).
    pub answer_seconds: i32,
    /// What a payer sees before paying (что видит плательщик).
    pub shows: Vec<PayerSees>,
    /// Format of its daily registry (формат реестра).
    pub registry_format: Option<String>,
    /// What people remark about it (примечание).
    pub note: Option<String>,
    /// Grows with each change; an update names the one it was made from.
    pub version: i32,
    #[graphql(skip)]
    row: channels::Channel,
}

impl From<channels::Channel> for PayChannel {
    fn from(row: channels::Channel) -> Self {
        let kept = row.clone();
        Self {
            id: Gid(ChannelId(row.id)),
            code: row.code,
            dialect: row.dialect,
            spelling: row.spelling,
            sandbox: row.sandbox,
            active: row.active,
            networks: row.networks,
            auth: row.auth,
            auth_user: row.auth_user,
            least: Money::from_tiyn(row.least),
            most: row.most.map(Money::from_tiyn),
            zone: row.zone,
            language: Language::from_code(&row.language).unwrap_or(Language::Ru),
            echo: row.echo,
            account_form: row.account_form,
            temporary: row.temporary,
            denied: row.denied,
            dates: row.dates,
            closed: row.closed,
            duplicate_minutes: row.duplicate_minutes,
            cancel_hours: row.cancel_hours,
            answer_seconds: row.answer_seconds,
            shows: row.shows.iter().filter_map(|code| PayerSees::from_code(code)).collect(),
            registry_format: row.registry_format,
            note: row.note,
            version: row.version,
            row: kept,
        }
    }
}

#[ComplexObject]
impl PayChannel {
    /// Whose it is (агент).
    async fn agent(&self, cx: &Context<'_>) -> Result<Agent> {
        let key = AgentById(AgentId(self.row.agent_id));
        cx.loader().load_one(key).await?.map(Agent::from).ok_or_else(ApiError::not_found)
    }

    /// The number of every outcome (коды ответов).
    async fn codes(&self, cx: &Context<'_>) -> Vec<OutcomeCode> {
        let channel = super::Channel::of(self.row.clone(), &cx.app().vault);
        let code = |&outcome: &ChannelOutcome| {
            let usual = self.row.dialect.says(outcome);
            OutcomeCode {
                outcome,
                code: channel.code(outcome).into(),
                usual: usual.code.into(),
                fatal: usual.fatal,
                comment: words::comment(channel.language, outcome),
            }
        };
        ChannelOutcome::ALL.iter().map(code).collect()
    }

    /// What a sandbox was shown of the published scenarios; nothing of a real channel (самопроверка).
    #[graphql(complexity = "50 + child_complexity")]
    async fn scenarios(&self, cx: &Context<'_>) -> Result<Vec<ScenarioShown>> {
        if !self.row.sandbox {
            return Ok(Vec::new());
        }
        let channel = super::Channel::of(self.row.clone(), &cx.app().vault);
        let language = cx.language();
        let shown = selfcheck::shown(cx.app(), &channel).await?;
        let says = |one: selfcheck::Shown| ScenarioShown {
            scenario: one.scenario,
            says: selfcheck::says(language, one.scenario),
            shown: one.shown,
        };
        Ok(shown.into_iter().map(says).collect())
    }
}

/// A request of a channel (запрос канала).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ChannelRequest {
    /// Node id.
    pub id: Gid<ChannelRequestId>,
    /// When it came (время).
    pub at: DateTime<Utc>,
    /// Code of the channel (канал).
    pub channel: String,
    /// Whence, where that can be told (адрес).
    pub address: Option<String>,
    /// GET or POST.
    pub method: String,
    /// What it asked for; null when we did not understand (команда).
    pub command: Option<ChannelCommand>,
    /// The channel's number of the payment (номер в канале).
    pub external_id: Option<String>,
    /// The account as it was written (лицевой счёт).
    pub account: Option<String>,
    /// The sum as it was written (сумма).
    pub amount: Option<String>,
    /// As it came, without secrets, personal data masked (запрос).
    pub query: String,
    /// What became of it (итог).
    pub outcome: Option<ChannelOutcome>,
    /// The number that the channel was told; null when it was told by HTTP status or not at all (код).
    pub code: Option<i32>,
    /// HTTP status; 0 when no answer went out.
    pub status: i32,
    /// How long it took, in milliseconds (мс).
    pub milliseconds: f64,
    /// What is remarkable about it (пометки).
    pub notes: Vec<PaymentNote>,
    #[graphql(skip)]
    payment: Option<i64>,
}

impl From<requests::Request> for ChannelRequest {
    fn from(row: requests::Request) -> Self {
        Self {
            id: Gid(ChannelRequestId(row.id)),
            at: row.at,
            channel: row.channel,
            address: row.address,
            method: row.method,
            command: row.command.as_deref().and_then(ChannelCommand::from_code),
            external_id: row.external_id,
            account: row.account,
            amount: row.amount,
            query: row.query,
            outcome: ChannelOutcome::from_code(&row.outcome),
            code: row.code,
            status: row.status,
            milliseconds: row.micros as f64 / 1000.0,
            notes: row.notes.iter().filter_map(|code| PaymentNote::from_code(code)).collect(),
            payment: row.payment_id,
        }
    }
}

#[ComplexObject]
impl ChannelRequest {
    /// Our number of the payment; of a sandbox its number there (номер платежа).
    async fn payment_number(&self) -> Option<i64> {
        self.payment
    }
}

/// Requests of a channel in one hour with one outcome (нагрузка канала).
#[derive(SimpleObject)]
pub struct ChannelTraffic {
    /// Code of the channel (канал).
    pub channel: String,
    /// The beginning of the hour (час).
    pub hour: DateTime<Utc>,
    /// What they asked for; null when we did not understand (команда).
    pub command: Option<ChannelCommand>,
    /// What became of them (итог).
    pub outcome: Option<ChannelOutcome>,
    /// How many (запросов).
    pub calls: i32,
    /// How long one took on the average, in milliseconds (среднее время, мс).
    pub milliseconds: f64,
    /// How long the slowest took (наибольшее время, мс).
    pub slowest: f64,
}

impl From<requests::Traffic> for ChannelTraffic {
    fn from(row: requests::Traffic) -> Self {
        Self {
            channel: row.channel,
            hour: row.hour,
            command: ChannelCommand::from_code(&row.command),
            outcome: ChannelOutcome::from_code(&row.outcome),
            calls: i32::try_from(row.calls).unwrap_or(i32::MAX),
            milliseconds: row.micros as f64 / 1000.0 / (row.calls.max(1) as f64),
            slowest: row.slowest as f64 / 1000.0,
        }
    }
}

/// What somebody has to look at (происшествие).
pub struct PaymentIncident(incidents::Incident);

impl From<incidents::Incident> for PaymentIncident {
    fn from(row: incidents::Incident) -> Self {
        Self(row)
    }
}

/// What somebody has to look at (происшествие).
#[Object]
impl PaymentIncident {
    /// Node id.
    async fn id(&self) -> Gid<IncidentId> {
        Gid(IncidentId(self.0.id))
    }

    /// Code of the channel (канал).
    async fn channel(&self) -> &str {
        &self.0.channel
    }

    /// The channel's number of the payment (номер в канале).
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// What happened (вид).
    async fn kind(&self) -> IncidentKind {
        self.0.kind
    }

    /// The account that the channel named this time, an identification number masked (названный счёт).
    async fn said_account(&self) -> Option<String> {
        self.0.said["account"].as_str().map(ops::masked)
    }

    /// The sum that the channel named this time (названная сумма).
    async fn said_amount(&self) -> Option<Money> {
        self.0.said["amount"].as_str().and_then(|text| text.parse().ok())
    }

    /// How often it was said (сколько раз).
    async fn times(&self) -> i32 {
        self.0.times
    }

    /// When it was said first (впервые).
    async fn first_at(&self) -> DateTime<Utc> {
        self.0.first_at
    }

    /// When it was said last (в последний раз).
    async fn last_at(&self) -> DateTime<Utc> {
        self.0.last_at
    }

    /// Somebody has looked at it (рассмотрено).
    async fn done(&self) -> bool {
        self.0.done
    }

    /// Who (кто рассмотрел).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// What came of it (заметка).
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// The payment it is about, where it is of the caller's accounts (платёж).
    #[graphql(guard = "can(Permission::PaymentRead)", complexity = "5 + child_complexity")]
    async fn payment(&self, cx: &Context<'_>) -> Result<Option<Payment>> {
        payment_by_id(cx, self.0.payment_id).await
    }
}

/// What is asked of the log (отбор запросов).
#[derive(InputObject, Default)]
pub struct ChannelRequestFilter {
    /// Only of this channel, by its code.
    pub channel: Option<String>,
    /// Only with this outcome.
    pub outcome: Option<ChannelOutcome>,
    /// Only of this payment, by the channel's number.
    pub external_id: Option<String>,
    /// Only of this account, as it was written.
    pub account: Option<String>,
    /// Only those that were not done.
    #[graphql(default)]
    pub failed: bool,
}

#[derive(Default)]
pub struct ChannelQuery;

#[Object]
impl ChannelQuery {
    /// Who takes money for the utility, in the order of their coming (платёжные агенты).
    #[graphql(guard = "can(Permission::ChannelRead)")]
    async fn payment_agents(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Agent>> {
        let page = page_of::<i64>(first, after)?;
        let slice = agents::list(cx.db(), page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Agent::from))
    }

    /// Channels of agents, in the order of their coming (каналы приёма платежей).
    #[graphql(guard = "can(Permission::ChannelRead)")]
    async fn payment_channels(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<PayChannel>> {
        let page = page_of::<i64>(first, after)?;
        let slice = channels::list(cx.db(), page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, PayChannel::from))
    }

    /// One channel (канал приёма платежей).
    #[graphql(guard = "can(Permission::ChannelRead)")]
    async fn payment_channel(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id of the channel.")] id: Gid<ChannelId>,
    ) -> Result<Option<PayChannel>> {
        Ok(channels::find(cx.db(), id.0.0).await?.map(PayChannel::from))
    }

    /// Requests of channels, newest first (запросы каналов).
    #[graphql(guard = "can(Permission::ChannelRead)")]
    async fn channel_requests(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which ones.")] filter: Option<ChannelRequestFilter>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<ChannelRequest>> {
        whole_city(cx)?;
        let page = page_of::<i64>(first, after)?;
        let asked = filter.unwrap_or_default();
        let filter = requests::Filter {
            channel: asked.channel,
            outcome: asked.outcome.map(|outcome| outcome.code().to_owned()),
            number: asked.external_id,
            account: asked.account,
            failed: asked.failed,
        };
        let slice = requests::list(cx.db(), &filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, ChannelRequest::from))
    }

    /// How many requests came hour by hour and what became of them, oldest first (нагрузка каналов).
    #[graphql(guard = "can(Permission::ChannelRead)", complexity = "50 + child_complexity")]
    async fn channel_traffic(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this channel, by its code.")] channel: Option<String>,
        #[graphql(desc = "Hours back, 24 by default, 744 at most.")] hours: Option<i32>,
    ) -> Result<Vec<ChannelTraffic>> {
        let hours = hours.unwrap_or(24);
        if !(1..=MOST_HOURS).contains(&hours) {
            return Err(ApiError::bad_input("hours"));
        }
        let since = cx.app().clock.now() - Duration::hours(hours.into());
        let rows = requests::traffic(cx.db(), channel, since).await?;
        Ok(rows.into_iter().map(ChannelTraffic::from).collect())
    }

    /// What somebody has to look at about payments of channels, newest first (происшествия).
    #[graphql(guard = "can(Permission::ChannelRead)")]
    async fn payment_incidents(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this channel, by its code.")] channel: Option<String>,
        #[graphql(desc = "Only those nobody has looked at yet, or only the others.")] open: Option<bool>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<PaymentIncident>> {
        whole_city(cx)?;
        let page = page_of::<i64>(first, after)?;
        let slice = incidents::list(cx.db(), channel, open, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, PaymentIncident::from))
    }
}

/// A new agent.
#[derive(InputObject)]
pub struct AgentCreateInput {
    /// Short name in addresses and files: small Latin letters, digits, hyphens (код).
    pub code: String,
    /// Name in Kazakh.
    #[graphql(validator(max_length = 200))]
    pub name_kk: String,
    /// Name in Russian.
    #[graphql(validator(max_length = 200))]
    pub name_ru: String,
    /// Name in English.
    #[graphql(validator(max_length = 200))]
    pub name_en: String,
    /// БИН.
    pub bin: Option<String>,
}

/// An agent as it is to be.
#[derive(InputObject)]
pub struct AgentUpdateInput {
    /// Node id of the agent.
    pub id: Gid<AgentId>,
    /// The version that the change was made from.
    pub expected_version: i32,
    /// Name in Kazakh.
    #[graphql(validator(max_length = 200))]
    pub name_kk: String,
    /// Name in Russian.
    #[graphql(validator(max_length = 200))]
    pub name_ru: String,
    /// Name in English.
    #[graphql(validator(max_length = 200))]
    pub name_en: String,
    /// БИН.
    pub bin: Option<String>,
    /// Still works with us.
    pub active: bool,
}

/// A number that a counterparty wants for an outcome.
#[derive(InputObject)]
pub struct OutcomeCodeInput {
    /// Which outcome; success is always 0.
    pub outcome: ChannelOutcome,
    /// The number.
    #[graphql(validator(minimum = 1, maximum = 9999))]
    pub code: i32,
}

/// The settings of a channel.
#[derive(InputObject)]
pub struct ChannelSettingsInput {
    /// In which words it speaks.
    pub dialect: Dialect,
    /// How answers are spelled.
    pub spelling: Spelling,
    /// Whence it may be spoken: networks like `10.1.2.0/24`, or addresses.
    #[graphql(validator(max_items = 100))]
    pub networks: Vec<String>,
    /// How it shows that it is itself.
    pub auth: ChannelAuth,
    /// Name for Basic.
    #[graphql(validator(max_length = 100))]
    pub auth_user: Option<String>,
    /// The smallest payment; one tiyn by default.
    pub least: Option<Money>,
    /// The largest payment.
    pub most: Option<Money>,
    /// Time zone of its dates, by its name in the tz database.
    pub zone: String,
    /// Language of comments and of lines for the payer.
    pub language: Language,
    /// What its number is called in answers, where that is not what the dialect says.
    pub echo: Option<String>,
    /// What numbers of accounts look like on it.
    pub account_form: AccountForm,
    /// How it is told to come again.
    pub temporary: TemporaryAnswer,
    /// How a foreign address or a wrong password is answered.
    pub denied: DeniedAnswer,
    /// What becomes of payments whose date is missing or wrong.
    pub dates: DatePolicy,
    /// What becomes of money for a closed account that owes nothing.
    pub closed: ClosedPolicy,
    /// The same sum for the same account within so many minutes is a possible duplicate; 0 never.
    #[graphql(validator(minimum = 0, maximum = 1440))]
    pub duplicate_minutes: i32,
    /// Hours in which it may take a payment back; null until the month is closed, 0 never.
    #[graphql(validator(minimum = 0, maximum = 8760))]
    pub cancel_hours: Option<i32>,
    /// After so many seconds it is told to come again.
    #[graphql(validator(minimum = 1, maximum = 55))]
    pub answer_seconds: i32,
    /// What a payer sees before paying.
    pub shows: Vec<PayerSees>,
    /// Numbers that the counterparty wants instead of the dialect's.
    pub codes: Vec<OutcomeCodeInput>,
    /// Format of its daily registry.
    #[graphql(validator(max_length = 40))]
    pub registry_format: Option<String>,
    /// What people remark about it.
    #[graphql(validator(max_length = 1000))]
    pub note: Option<String>,
}

/// A new channel; it starts switched off.
#[derive(InputObject)]
pub struct ChannelCreateInput {
    /// Node id of the agent.
    pub agent_id: Gid<AgentId>,
    /// Segment of the address: small Latin letters, digits, hyphens. For ever.
    pub code: String,
    /// A sandbox: its payments never reach the ledger. For ever.
    pub sandbox: bool,
    /// Everything else.
    pub settings: ChannelSettingsInput,
}

/// A channel as it is to be.
#[derive(InputObject)]
pub struct ChannelUpdateInput {
    /// Node id of the channel.
    pub id: Gid<ChannelId>,
    /// The version that the change was made from.
    pub expected_version: i32,
    /// Everything that may change.
    pub settings: ChannelSettingsInput,
}

/// A channel to switch.
#[derive(InputObject)]
pub struct ChannelSwitchInput {
    /// Node id of the channel.
    pub id: Gid<ChannelId>,
    /// Whether it takes payments.
    pub on: bool,
}

/// A channel that gets another secret.
#[derive(InputObject)]
pub struct ChannelSecretRenewInput {
    /// Node id of the channel.
    pub id: Gid<ChannelId>,
    /// The word that the counterparty insists on, 16 characters at least; a random one by default.
    pub secret: Option<String>,
}

/// An incident that somebody has looked at.
#[derive(InputObject)]
pub struct IncidentCloseInput {
    /// Node id of the incident.
    pub id: Gid<IncidentId>,
    /// What came of it.
    #[graphql(validator(max_length = 1000))]
    pub note: String,
}

payload!(
    /// What became of an agent (итог действия над агентом).
    AgentPayload {
        /// The agent (агент).
        agent: Agent
    }
);

payload!(
    /// What became of an incident (итог рассмотрения).
    IncidentPayload {
        /// The incident (происшествие).
        incident: PaymentIncident
    }
);

/// What became of a channel (итог действия над каналом).
#[derive(SimpleObject)]
pub struct ChannelPayload {
    /// The channel (канал).
    pub channel: Option<PayChannel>,
    /// A new secret, shown this once and never again (секрет).
    pub secret: Option<String>,
    /// Why nothing was done; empty when it was.
    pub errors: Vec<UserError>,
}

impl ChannelPayload {
    fn of(done: std::result::Result<Opened, Refusal>, language: Language) -> Self {
        match done {
            Ok(opened) => {
                Self { channel: Some(opened.channel.into()), secret: opened.secret, errors: Vec::new() }
            }
            Err(refusal) => {
                Self { channel: None, secret: None, errors: vec![UserError::of(&refusal, language)] }
            }
        }
    }
}

fn blank_is_none(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn row(id: i64, version: i32, settings: ChannelSettingsInput) -> channels::Channel {
    let usual = |outcome| i32::from(settings.dialect.says(outcome).code);
    // Success is 0 in every dialect, and nothing else is.
    let codes: HashMap<&str, i32> = settings
        .codes
        .iter()
        .filter(|one| one.outcome != ChannelOutcome::Done && one.code != usual(one.outcome))
        .map(|one| (one.outcome.code(), one.code))
        .collect();
    let auth_user = match settings.auth {
        ChannelAuth::Basic => blank_is_none(settings.auth_user),
        ChannelAuth::None | ChannelAuth::Path | ChannelAuth::Hmac => None,
    };
    channels::Channel {
        id,
        code: String::new(),
        agent_id: 0,
        dialect: settings.dialect,
        spelling: settings.spelling,
        sandbox: false,
        active: false,
        networks: settings.networks.into_iter().filter_map(|text| blank_is_none(Some(text))).collect(),
        auth: settings.auth,
        auth_user,
        secret_hash: None,
        secret_sealed: None,
        least: settings.least.map_or(1, Money::tiyn),
        most: settings.most.map(Money::tiyn),
        zone: settings.zone.trim().to_owned(),
        language: settings.language.code().to_owned(),
        echo: blank_is_none(settings.echo),
        account_form: settings.account_form,
        temporary: settings.temporary,
        denied: settings.denied,
        dates: settings.dates,
        closed: settings.closed,
        duplicate_minutes: settings.duplicate_minutes,
        cancel_hours: settings.cancel_hours,
        answer_seconds: settings.answer_seconds,
        shows: settings.shows.iter().map(|shown| shown.code().to_owned()).collect(),
        codes: serde_json::json!(codes),
        registry_format: blank_is_none(settings.registry_format),
        note: blank_is_none(settings.note),
        version,
    }
}

#[derive(Default)]
pub struct ChannelMutation;

#[Object]
impl ChannelMutation {
    /// Registers who takes money for the utility (добавить агента).
    #[graphql(guard = "can(Permission::ChannelWrite)")]
    async fn agent_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The new agent.")] input: AgentCreateInput,
    ) -> Result<AgentPayload> {
        let new = agents::Agent {
            id: 0,
            code: input.code.trim().to_owned(),
            name_kk: input.name_kk.trim().to_owned(),
            name_ru: input.name_ru.trim().to_owned(),
            name_en: input.name_en.trim().to_owned(),
            bin: blank_is_none(input.bin),
            active: true,
            version: 1,
        };
        let done = cx.write(|tx| ops::create_agent(tx, new).boxed()).await?;
        Ok(AgentPayload::of(done, cx.language()))
    }

    /// Changes an agent; its code is for ever (изменить агента).
    #[graphql(guard = "can(Permission::ChannelWrite)")]
    async fn agent_update(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The agent as it is to be.")] input: AgentUpdateInput,
    ) -> Result<AgentPayload> {
        let wanted = agents::Agent {
            id: input.id.0.0,
            code: String::new(),
            name_kk: input.name_kk.trim().to_owned(),
            name_ru: input.name_ru.trim().to_owned(),
            name_en: input.name_en.trim().to_owned(),
            bin: blank_is_none(input.bin),
            active: input.active,
            version: input.expected_version,
        };
        let done = cx.write(|tx| ops::update_agent(tx, wanted).boxed()).await?;
        Ok(AgentPayload::of(done, cx.language()))
    }

    /// Opens a channel of an agent, switched off; shows its secret once (добавить канал).
    #[graphql(guard = "can(Permission::ChannelWrite)")]
    async fn channel_create(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The new channel.")] input: ChannelCreateInput,
    ) -> Result<ChannelPayload> {
        let new = channels::Channel {
            code: input.code.trim().to_owned(),
            agent_id: input.agent_id.0.0,
            sandbox: input.sandbox,
            ..row(0, 1, input.settings)
        };
        let vault = cx.app().vault.clone();
        let done =
            cx.write(move |tx| async move { ops::create_channel(tx, new, &vault).await }.boxed()).await?;
        Ok(told(cx, done).await)
    }

    /// Changes the settings of a channel, at once in every process (изменить канал).
    #[graphql(guard = "can(Permission::ChannelWrite)")]
    async fn channel_update(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The channel as it is to be.")] input: ChannelUpdateInput,
    ) -> Result<ChannelPayload> {
        let wanted = row(input.id.0.0, input.expected_version, input.settings);
        let vault = cx.app().vault.clone();
        let done =
            cx.write(move |tx| async move { ops::update_channel(tx, wanted, &vault).await }.boxed()).await?;
        Ok(told(cx, done).await)
    }

    /// Switches a channel on or off, at once in every process (включить или отключить канал).
    #[graphql(guard = "can(Permission::ChannelWrite)")]
    async fn channel_switch(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one, and which way.")] input: ChannelSwitchInput,
    ) -> Result<ChannelPayload> {
        let done = cx.write(|tx| ops::switch_channel(tx, input.id.0, input.on).boxed()).await?;
        Ok(told(cx, done).await)
    }

    /// Gives a channel another secret and shows it once; the one before ends at once (сменить секрет канала).
    #[graphql(guard = "can(Permission::ChannelWrite)")]
    async fn channel_secret_renew(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which channel.")] input: ChannelSecretRenewInput,
    ) -> Result<ChannelPayload> {
        let vault = cx.app().vault.clone();
        let done = cx
            .write(move |tx| {
                async move { ops::renew_secret(tx, input.id.0, input.secret, &vault).await }.boxed()
            })
            .await?;
        Ok(told(cx, done).await)
    }

    /// Somebody has looked at an incident (закрыть происшествие).
    #[graphql(guard = "can(Permission::IncidentClose)")]
    async fn incident_close(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one, and what came of it.")] input: IncidentCloseInput,
    ) -> Result<IncidentPayload> {
        whole_city(cx)?;
        let done = cx
            .write(move |tx| async move { ops::close_incident(tx, input.id.0, &input.note).await }.boxed())
            .await?;
        Ok(IncidentPayload::of(done, cx.language()))
    }
}

/// The answer, after every process was told.
async fn told(cx: &Context<'_>, done: std::result::Result<Opened, Refusal>) -> ChannelPayload {
    if done.is_ok() {
        super::tell(cx.app()).await;
    }
    ChannelPayload::of(done, cx.language())
}

//! Money whose account is not known, as the office sees it. It is of no sector, so only who sees the whole city sees it.

use async_graphql::{Context, InputObject, Object, OneofObject, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::payments::{SuspenseAge, SuspenseReason, SuspenseState};
use entities::access::staff;
use entities::kernel::{Change, Tx};
use entities::payments::{statement, suspense};
use futures_util::FutureExt;

use super::ops::{self, Details};
use super::target::{PaymentTargetInput, TargetOfPayment};
use super::types::{Payment, payment_by_id};
use super::whole_city;
use crate::platform::graphql::loaders::{Loaders, gather};
use crate::platform::graphql::*;
use crate::{edge, payload};

/// Money whose account is not known (невыясненный платёж).
pub struct Suspense(pub suspense::Suspense);

impl From<suspense::Suspense> for Suspense {
    fn from(row: suspense::Suspense) -> Self {
        Self(row)
    }
}

/// Money whose account is not known (невыясненный платёж).
#[Object]
impl Suspense {
    /// Node id.
    async fn id(&self) -> Gid<SuspenseId> {
        Gid(SuspenseId(self.0.id))
    }

    /// Its number (номер).
    async fn number(&self) -> i64 {
        self.0.id
    }

    /// The channel it came by (канал).
    async fn channel(&self) -> &str {
        &self.0.channel
    }

    /// The channel's own number; with the channel its key (номер в канале).
    async fn external_id(&self) -> &str {
        &self.0.external_id
    }

    /// Sum (сумма).
    async fn amount(&self) -> Money {
        self.0.amount()
    }

    /// The payer's day: who turns out to have paid is discharged on it (дата платежа).
    async fn paid_on(&self) -> Date {
        Date(self.0.paid_on)
    }

    /// Since when it is here (поступил).
    async fn received_on(&self) -> Date {
        Date(self.0.received_on)
    }

    /// How old it is (срок).
    async fn age(&self, cx: &Context<'_>) -> SuspenseAge {
        SuspenseAge::of(self.0.received_on, cx.app().clock.today())
    }

    /// Why it has no account (причина).
    async fn reason(&self) -> SuspenseReason {
        self.0.reason
    }

    /// Where it stands (состояние).
    async fn state(&self) -> SuspenseState {
        self.0.state
    }

    /// The account as the payer typed it, an identification number masked (указанный счёт).
    async fn account_typed(&self) -> Option<String> {
        self.0.account_raw.as_deref().map(ops::masked)
    }

    /// Who paid, as the bank says it (плательщик).
    async fn payer(&self) -> Option<&str> {
        self.0.payer.as_deref()
    }

    /// What the payer wrote, identification numbers masked (назначение платежа).
    async fn purpose(&self) -> Option<&str> {
        self.0.purpose.as_deref()
    }

    /// What it is for, where the channel says so (назначение).
    async fn target(&self, cx: &Context<'_>) -> Result<Option<TargetOfPayment>> {
        TargetOfPayment::of(cx, self.0.target.as_deref()).await
    }

    /// Who works on it (ответственный).
    async fn owner(&self) -> Option<&str> {
        self.0.owner.as_deref()
    }

    /// The last day on which it is worked off in time (срок разбора).
    async fn due_on(&self) -> Date {
        Date(self.0.due_on)
    }

    /// Whether that day has passed and it is still open (просрочен).
    async fn overdue(&self, cx: &Context<'_>) -> bool {
        let open = matches!(self.0.state, SuspenseState::Open | SuspenseState::Returning);
        open && self.0.due_on < cx.app().clock.today()
    }

    /// What was written about it (примечание).
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// The payment it became (платёж).
    async fn payment(&self, cx: &Context<'_>) -> Result<Option<Payment>> {
        payment_by_id(cx, self.0.payment_id).await
    }

    /// The parts it was divided into (части).
    #[graphql(complexity = "10 + child_complexity")]
    async fn parts(&self, cx: &Context<'_>) -> Result<Vec<Suspense>> {
        if self.0.state != SuspenseState::Split {
            return Ok(Vec::new());
        }
        let parts = cx.loader().load_one(PartsOf(SuspenseId(self.0.id))).await?.unwrap_or_default();
        Ok(parts.into_iter().map(Suspense).collect())
    }

    /// Who proposed to send it back (кто предложил возврат).
    async fn proposed_by(&self) -> Option<&str> {
        self.0.proposed_by.as_deref()
    }

    /// Who worked it off (кто разобрал).
    async fn decided_by(&self) -> Option<&str> {
        self.0.decided_by.as_deref()
    }

    /// When (когда разобран).
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }
}

/// What is personal of money that came by a bank (реквизиты плательщика).
#[derive(SimpleObject)]
pub struct PayerDetails {
    /// ИИН or БИН (ИИН или БИН).
    pub identification: Option<String>,
    /// Bank account (ИИК).
    pub iban: Option<String>,
    /// As it was written (назначение платежа полностью).
    pub purpose: String,
}

/// Whose requisites are asked for.
#[derive(OneofObject)]
pub enum PayerDetailsInput {
    /// Of money without an account, by its node id (невыясненный платёж).
    Suspense(Gid<SuspenseId>),
    /// Of a line of a statement (строка выписки).
    Line(PayerOfLineInput),
}

/// A line of a statement.
#[derive(InputObject)]
pub struct PayerOfLineInput {
    /// Node id of the statement.
    pub id: Gid<StatementId>,
    /// Number of the line (номер).
    pub number: i32,
}

edge!(
    /// The parts that money was divided into.
    PartsOf(SuspenseId) => Vec<suspense::Suspense>, |app, ids| async {
        let rows = suspense::parts(&app.db, ids.iter().map(|id| id.0).collect()).await?;
        let whole = |row: suspense::Suspense| Some((SuspenseId(row.parent_id?), row));
        Ok(gather(rows.into_iter().filter_map(whole)))
    }
);

impl PayerDetails {
    /// Opens what is sealed; that somebody looked is written down first.
    async fn look(cx: &Context<'_>, look: Change, sealed: Option<&[u8]>) -> Result<Option<Self>> {
        let Some(sealed) = sealed else { return Ok(None) };
        let mut tx = Tx::begin(cx.db(), cx.actor()?.clone()).await?;
        tx.audit(look);
        tx.commit_silently("a look at personal data").await?;
        let opened = cx.app().vault.open(sealed);
        let details: Option<Details> = opened.as_deref().and_then(|text| serde_json::from_str(text).ok());
        Ok(details.map(|found| Self {
            identification: found.identification,
            iban: found.iban,
            purpose: found.purpose,
        }))
    }
}

/// Money without an account of one age (невыясненные по срокам).
#[derive(SimpleObject)]
pub struct SuspenseAged {
    /// How old (срок).
    pub age: SuspenseAge,
    /// How many (количество).
    pub count: i64,
    /// Their sum (сумма).
    pub amount: Money,
    /// Of that what should have been worked off by now (просрочено).
    pub overdue: Money,
}

/// Who may work on money without an account (кто разбирает).
#[derive(SimpleObject)]
pub struct SuspenseOwner {
    /// Node id of the person.
    pub id: Gid<UserId>,
    /// Login (логин).
    pub login: String,
    /// Name (имя).
    pub name: String,
}

/// Which are asked for.
#[derive(Debug, Clone, Default, InputObject, serde::Serialize, serde::Deserialize)]
pub struct SuspenseFilter {
    /// Only in this state (состояние).
    pub state: Option<SuspenseState>,
    /// Only of this channel (канал).
    pub channel: Option<String>,
    /// Only of this age (срок).
    pub age: Option<SuspenseAge>,
    /// Only of this person (ответственный).
    pub owner_id: Option<Gid<UserId>>,
    /// Only what should have been worked off by now (просроченные).
    pub overdue: Option<bool>,
    /// Account as typed, payer, purpose (поиск).
    #[graphql(validator(max_length = 100))]
    pub search: Option<String>,
}

impl From<SuspenseFilter> for suspense::Filter {
    fn from(filter: SuspenseFilter) -> Self {
        Self {
            state: filter.state,
            channel: filter.channel,
            age: filter.age,
            owner: filter.owner_id.map(|id| id.0),
            overdue: filter.overdue.unwrap_or(false),
            search: filter.search.filter(|text| !text.trim().is_empty()),
        }
    }
}

/// Money to record as a payment.
#[derive(InputObject)]
pub struct SuspensePostInput {
    /// Node id of the money.
    pub id: Gid<SuspenseId>,
    /// Whose payment it is (лицевой счёт).
    pub account_id: Gid<AccountId>,
    /// What it is for; what the channel said, else the policy of the sector (назначение).
    pub target: Option<PaymentTargetInput>,
    /// How that turned out (примечание).
    #[graphql(validator(max_length = 500))]
    pub note: Option<String>,
}

/// Money to divide.
#[derive(InputObject)]
pub struct SuspenseSplitInput {
    /// Node id of the money.
    pub id: Gid<SuspenseId>,
    /// The parts; they add up to it (части).
    #[graphql(validator(min_items = 2, max_items = 100))]
    pub parts: Vec<Money>,
}

/// Money to send back.
#[derive(InputObject)]
pub struct SuspenseReturnInput {
    /// Node id of the money.
    pub id: Gid<SuspenseId>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
    /// Why (причина).
    #[graphql(validator(min_length = 3, max_length = 500))]
    pub note: String,
}

/// A decision about sending money back.
#[derive(InputObject)]
pub struct SuspenseDecideInput {
    /// Node id of the money.
    pub id: Gid<SuspenseId>,
    /// It goes back, or stays open (вернуть).
    pub agree: bool,
}

/// Money to give to a person.
#[derive(InputObject)]
pub struct SuspenseAssignInput {
    /// Node ids of the money (платежи).
    #[graphql(validator(min_items = 1, max_items = 100))]
    pub ids: Vec<Gid<SuspenseId>>,
    /// Who works on it (ответственный).
    pub owner_id: Gid<UserId>,
    /// Until when; as it was when absent (срок).
    pub due_on: Option<Date>,
}

payload!(
    /// What became of money without an account.
    SuspensePayload {
        /// The money (невыясненный платёж).
        suspense: Suspense
    }
);

payload!(
    /// What became of money that was given to a person.
    SuspenseAssignPayload {
        /// How many were open.
        assigned: i32
    }
);

#[derive(Default)]
pub struct SuspenseQuery;

#[Object]
impl SuspenseQuery {
    /// Money whose account is not known, what is to be worked off first, first (невыясненные платежи).
    #[graphql(guard = "can(Permission::ReconcileRead)")]
    async fn suspense(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which.")] filter: Option<SuspenseFilter>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Suspense>> {
        whole_city(cx)?;
        let page = page_of::<(chrono::NaiveDate, i64)>(first, after)?;
        let filter = filter.unwrap_or_default().into();
        let slice = suspense::list(cx.db(), &filter, cx.app().clock.today(), page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| (row.due_on, row.id), Suspense))
    }

    /// ИИН or БИН, bank account and purpose of a payer as they were written. Each look is recorded (реквизиты плательщика).
    #[graphql(guard = "can(Permission::PersonalDataRead)")]
    async fn payer_details(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Whose.")] of: PayerDetailsInput,
    ) -> Result<Option<PayerDetails>> {
        whole_city(cx)?;
        match of {
            PayerDetailsInput::Suspense(Gid(id)) => {
                let row = suspense::find(cx.db(), id).await?.ok_or_else(ApiError::not_found)?;
                PayerDetails::look(
                    cx,
                    Change::new("suspense", id, "personal_data_seen"),
                    row.details.as_deref(),
                )
                .await
            }
            PayerDetailsInput::Line(of) => {
                let line =
                    statement::line(cx.db(), of.id.0, of.number).await?.ok_or_else(ApiError::not_found)?;
                let look = Change::new("statement", of.id.0, "personal_data_seen")
                    .after(serde_json::json!({ "line": of.number }));
                PayerDetails::look(cx, look, line.details.as_deref()).await
            }
        }
    }

    /// Whom it may be given to, by login; two hundred at most (кто разбирает невыясненные).
    #[graphql(guard = "can(Permission::ReconcileRead)")]
    async fn suspense_owners(&self, cx: &Context<'_>) -> Result<Vec<SuspenseOwner>> {
        whole_city(cx)?;
        let people = staff::who_may(cx.db(), Permission::ReconcileWrite).await?;
        let of = |person: staff::Staff| SuspenseOwner {
            id: Gid(UserId(person.id)),
            login: person.login,
            name: person.name,
        };
        Ok(people.into_iter().map(of).collect())
    }

    /// What is open, by age (невыясненные по срокам).
    #[graphql(guard = "can(Permission::ReconcileRead)", complexity = "20 + child_complexity")]
    async fn suspense_ageing(&self, cx: &Context<'_>) -> Result<Vec<SuspenseAged>> {
        whole_city(cx)?;
        let rows = suspense::ageing(cx.db(), cx.app().clock.today()).await?;
        let of = |(at, age): (usize, &SuspenseAge)| {
            let row =
                rows.iter().find(|row| usize::try_from(row.bucket) == Ok(at)).copied().unwrap_or_default();
            SuspenseAged {
                age: *age,
                count: row.count,
                amount: Money::from_tiyn(row.amount),
                overdue: Money::from_tiyn(row.overdue),
            }
        };
        Ok(SuspenseAge::ALL.iter().enumerate().map(of).collect())
    }
}

#[derive(Default)]
pub struct SuspenseMutation;

#[Object]
impl SuspenseMutation {
    /// Records it as a payment of an account under its own number: a late retry of the agent gets that payment (зачислить
    /// невыясненный платёж).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn suspense_post(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and whose it is.")] input: SuspensePostInput,
    ) -> Result<SuspensePayload> {
        whole_city(cx)?;
        let app = cx.app().clone();
        let target = input.target.map(Into::into);
        let done = cx
            .write(move |tx| {
                async move {
                    ops::credit_suspense(tx, input.id.0, input.account_id.0, target, input.note, &app.clock)
                        .await
                }
                .boxed()
            })
            .await?;
        Ok(SuspensePayload::of(done, cx.language()))
    }

    /// Divides it; the parts go on by themselves (разделить невыясненный платёж).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn suspense_split(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and into what.")] input: SuspenseSplitInput,
    ) -> Result<SuspensePayload> {
        whole_city(cx)?;
        let id = input.id.0;
        let done = cx
            .write(move |tx| {
                async move {
                    match ops::split_suspense(tx, id, &input.parts).await? {
                        Ok(_) => Ok(Ok(suspense::find(tx, id)
                            .await?
                            .ok_or(entities::kernel::Broken::RecordNotUpdated)?)),
                        Err(refusal) => Ok(Err(refusal)),
                    }
                }
                .boxed()
            })
            .await?;
        Ok(SuspensePayload::of(done, cx.language()))
    }

    /// Sends it back to who sent it, on a document; above the setting another person decides (вернуть невыясненный платёж).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn suspense_return(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, on what.")] input: SuspenseReturnInput,
    ) -> Result<SuspensePayload> {
        whole_city(cx)?;
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move {
                    ops::return_suspense(tx, input.id.0, input.document_id.0, input.note, &app.clock).await
                }
                .boxed()
            })
            .await?;
        Ok(SuspensePayload::of(done, cx.language()))
    }

    /// Agrees that it goes back, or leaves it open; never by who proposed it (решить о возврате невыясненного платежа).
    #[graphql(guard = "can(Permission::ReconcileConfirm)")]
    async fn suspense_decide(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, and how.")] input: SuspenseDecideInput,
    ) -> Result<SuspensePayload> {
        whole_city(cx)?;
        let app = cx.app().clone();
        let done = cx
            .write(move |tx| {
                async move { ops::decide_return(tx, input.id.0, input.agree, &app.clock).await }.boxed()
            })
            .await?;
        Ok(SuspensePayload::of(done, cx.language()))
    }

    /// Gives some to a person, until a day (назначить ответственного).
    #[graphql(guard = "can(Permission::ReconcileWrite)")]
    async fn suspense_assign(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which, to whom.")] input: SuspenseAssignInput,
    ) -> Result<SuspenseAssignPayload> {
        whole_city(cx)?;
        let app = cx.app().clone();
        let ids = input.ids.into_iter().map(|id| id.0).collect();
        let due_on = input.due_on.map(|day| day.0);
        let done = cx
            .write(move |tx| {
                async move { ops::assign_suspense(tx, ids, input.owner_id.0, due_on, &app.clock).await }
                    .boxed()
            })
            .await?;
        Ok(SuspenseAssignPayload::of(done.map(|count| count as i32), cx.language()))
    }
}

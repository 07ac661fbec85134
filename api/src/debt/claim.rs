//! Claims in the graph: what would be claimed, what is, the acts on it.

use std::collections::BTreeMap;

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::debt::*;
use domain::kernel::*;
use entities::debt::claim;
use entities::kernel::{Slice, Tx};
use futures_util::FutureExt;

use super::loaders::{ClaimCostsOf, ClaimItemsOf, ClaimSettledOf, ClaimStepsOf, LimitationYears};
use super::ops::{self, Costing, Wanted};
use crate::archive::types::{Document, DocumentById};
use crate::platform::Refusal;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::subscribers::types::{Party, party};
use crate::wiring::account::{Account, account_by_id};
use crate::{allow, payload};

fn money(tiyn: i64) -> Money {
    Money::from_tiyn(tiyn)
}

async fn document(cx: &Context<'_>, id: i64) -> Result<Option<Document>> {
    let found = cx.loader().load_one(DocumentById(DocumentId(id))).await?;
    Ok(found.map(Document::from))
}

/// A debt that a notary, a court or a manager of a bankruptcy decides about (взыскание).
#[derive(Clone)]
pub struct Claim(pub claim::Claim);

impl From<claim::Claim> for Claim {
    fn from(row: claim::Claim) -> Self {
        Self(row)
    }
}

impl Claim {
    fn key(&self) -> ClaimId {
        ClaimId(self.0.id)
    }
}

/// A debt that a notary, a court or a manager of a bankruptcy decides about (взыскание).
#[Object]
impl Claim {
    /// Node id.
    async fn id(&self) -> Gid<ClaimId> {
        Gid(self.key())
    }

    /// What people call it by (номер).
    async fn number(&self) -> i64 {
        self.0.id
    }

    /// Whose debt (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// Who held the account when it was filed (должник).
    async fn debtor(&self, cx: &Context<'_>) -> Result<Party> {
        party(cx, PartyId(self.0.party_id)).await
    }

    /// Who decides it (порядок взыскания).
    async fn kind(&self) -> ClaimKind {
        self.0.kind
    }

    /// Where it stands (состояние).
    async fn state(&self) -> ClaimState {
        self.0.state
    }

    /// Since which day (с какого дня).
    async fn state_on(&self) -> Date {
        self.0.state_on.into()
    }

    /// Which court, notary, bailiff or manager has it now (у кого).
    async fn authority(&self) -> Option<&str> {
        self.0.authority.as_deref()
    }

    /// Number of the case, the writ or the proceeding (номер дела или производства).
    async fn case_number(&self) -> Option<&str> {
        self.0.number.as_deref()
    }

    /// What may be recorded next (возможные следующие шаги).
    async fn next(&self) -> Vec<ClaimState> {
        self.0.state.next(self.0.kind).to_vec()
    }

    /// Claimed, without costs; it changes no more (взыскивается без издержек).
    async fn amount(&self) -> Money {
        money(self.0.amount)
    }

    /// Paid of it, or lessened otherwise, since it was prepared (погашено).
    async fn paid(&self) -> Money {
        money(self.0.amount - self.0.rest)
    }

    /// Still owed of it (остаток).
    async fn rest(&self) -> Money {
        money(self.0.rest)
    }

    /// What it costs besides, as far as it stands (издержки).
    async fn costs_amount(&self) -> Money {
        money(self.0.costs)
    }

    /// Still owed of the costs (остаток издержек).
    async fn costs_rest(&self) -> Money {
        money(self.0.costs_rest)
    }

    /// Penalty reckoned up to this day is in it (пеня по день).
    async fn penalty_up_to(&self) -> Option<Date> {
        self.0.penalty_up_to.map(Date::from)
    }

    /// No penalty accrues on its items since it was filed; null before that (пеня приостановлена).
    async fn stops_penalty(&self) -> Option<bool> {
        self.0.stops_penalty
    }

    /// When its sums were fixed (подготовлено).
    async fn prepared_on(&self) -> Date {
        self.0.prepared_on.into()
    }

    /// Who prepared it: a login (кто подготовил).
    async fn prepared_by(&self) -> &str {
        &self.0.prepared_by
    }

    /// When it was filed first (подано).
    async fn filed_on(&self) -> Option<Date> {
        self.0.filed_on.map(Date::from)
    }

    /// When its sums became free again (завершено).
    async fn ended_on(&self) -> Option<Date> {
        self.0.ended_on.map(Date::from)
    }

    /// Nothing more is to be had and something is left: an order may give it up (можно предложить списание).
    async fn write_off_suggested(&self) -> bool {
        self.0.state.is_hopeless() && self.0.rest + self.0.costs_rest > 0
    }

    /// What it rests on (основание).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        document(cx, self.0.document_id).await
    }

    /// The claimed parts of items, oldest month first (взыскиваемые позиции).
    #[graphql(complexity = "10 + child_complexity")]
    async fn items(&self, cx: &Context<'_>) -> Result<Vec<ClaimItem>> {
        let found = cx.loader().load_one(ClaimItemsOf(self.key())).await?.unwrap_or_default();
        Ok(found.into_iter().map(|row| ClaimItem { row, account: AccountId(self.0.account_id) }).collect())
    }

    /// Claimed and left by what the debt consists of (по составляющим).
    #[graphql(complexity = "10 + child_complexity")]
    async fn parts(&self, cx: &Context<'_>) -> Result<Vec<ClaimPart>> {
        let found = cx.loader().load_one(ClaimItemsOf(self.key())).await?.unwrap_or_default();
        let mut parts: BTreeMap<Component, (Money, Money)> = BTreeMap::new();
        for row in &found {
            let Some(component) = Component::from_code(&row.component) else { continue };
            let part = parts.entry(component).or_default();
            part.0 += money(row.amount);
            part.1 += money(row.rest);
        }
        let part = |(component, (amount, rest))| ClaimPart { component, amount, rest };
        Ok(parts.into_iter().map(part).collect())
    }

    /// What happened to it, in order, with what was taken back (движение дела).
    #[graphql(complexity = "10 + child_complexity")]
    async fn steps(&self, cx: &Context<'_>) -> Result<Vec<ClaimStepRecord>> {
        let found = cx.loader().load_one(ClaimStepsOf(self.key())).await?.unwrap_or_default();
        Ok(found.into_iter().map(ClaimStepRecord).collect())
    }

    /// What it costs, with what was taken back (издержки).
    #[graphql(complexity = "10 + child_complexity")]
    async fn costs(&self, cx: &Context<'_>) -> Result<Vec<ClaimCost>> {
        let found = cx.loader().load_one(ClaimCostsOf(self.key())).await?.unwrap_or_default();
        Ok(found.into_iter().map(ClaimCost).collect())
    }

    /// What lessened it since it was prepared, newest first, two hundred at most (погашения).
    #[graphql(complexity = "20 + child_complexity")]
    async fn settlements(&self, cx: &Context<'_>) -> Result<Vec<ClaimSettlement>> {
        let found = cx.loader().load_one(ClaimSettledOf(self.key())).await?.unwrap_or_default();
        let row = |row: claim::Settled| ClaimSettlement {
            on: row.on.into(),
            source: row.source,
            amount: money(row.amount),
        };
        Ok(found.into_iter().map(row).collect())
    }
}

/// A claimed part of an item (взыскиваемая позиция).
pub struct ClaimItem {
    row: claim::Item,
    account: AccountId,
}

/// A claimed part of an item (взыскиваемая позиция).
#[Object]
impl ClaimItem {
    /// Node id of the item (позиция).
    async fn open_item_id(&self) -> Gid<OpenItemId> {
        Gid(OpenItemId(self.row.open_item_id))
    }

    /// Node id of the account (лицевой счёт).
    async fn account_id(&self) -> Gid<AccountId> {
        Gid(self.account)
    }

    /// Service (услуга).
    async fn service(&self) -> Option<Service> {
        Service::from_code(&self.row.service)
    }

    /// Charge, penalty… (составляющая).
    async fn component(&self) -> Option<Component> {
        Component::from_code(&self.row.component)
    }

    /// Month it comes from (месяц возникновения).
    async fn origin(&self) -> Period {
        Period::of(self.row.origin)
    }

    /// Last day to pay without delay (срок).
    async fn due_on(&self) -> Date {
        self.row.due_on.into()
    }

    /// Claimed of it (взыскивается).
    async fn amount(&self) -> Money {
        money(self.row.amount)
    }

    /// Still owed of that (остаток).
    async fn rest(&self) -> Money {
        money(self.row.rest)
    }

    /// Until when it can be claimed, with what interrupted the time; null where no setting says so (давность истекает).
    async fn expires_on(&self, cx: &Context<'_>) -> Result<Option<Date>> {
        let years = cx.loader().load_one(LimitationYears(cx.app().clock.today())).await?;
        Ok(years.map(|years| expires_on(self.row.due_on, &self.row.interruptions, years).into()))
    }
}

/// Claimed and left of one component (составляющая взыскания).
#[derive(SimpleObject)]
pub struct ClaimPart {
    /// Charge, penalty… (составляющая).
    pub component: Component,
    /// Claimed (взыскивается).
    pub amount: Money,
    /// Still owed (остаток).
    pub rest: Money,
}

/// Something that happened to a claim (шаг взыскания).
pub struct ClaimStepRecord(claim::Step);

/// Something that happened to a claim (шаг взыскания).
#[Object]
impl ClaimStepRecord {
    /// What it came to (состояние).
    async fn state(&self) -> ClaimState {
        self.0.state
    }

    /// When (дата).
    async fn on(&self) -> Date {
        self.0.on_day.into()
    }

    /// Which court, notary, bailiff or manager (орган или лицо).
    async fn authority(&self) -> Option<&str> {
        self.0.authority.as_deref()
    }

    /// Of the case, the writ or the proceeding (номер).
    async fn number(&self) -> Option<&str> {
        self.0.number.as_deref()
    }

    /// The sum that it names, as what was granted (сумма).
    async fn amount(&self) -> Option<Money> {
        self.0.amount.map(money)
    }

    /// Remarks (примечание).
    async fn note(&self) -> Option<&str> {
        self.0.note.as_deref()
    }

    /// The paper; none where money or an order brought it about (документ).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        match self.0.document_id {
            Some(id) => document(cx, id).await,
            None => Ok(None),
        }
    }

    /// Who recorded it: a login (кто внёс).
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }

    /// When it was recorded (когда внесено).
    async fn recorded_at(&self) -> DateTime<Utc> {
        self.0.recorded_at
    }

    /// Who took it back: a login; null while it stands (кто отменил).
    async fn taken_back_by(&self) -> Option<&str> {
        self.0.taken_back_by.as_deref()
    }
}

/// A cost of a claim (издержки взыскания).
pub struct ClaimCost(claim::Cost);

/// A cost of a claim (издержки взыскания).
#[Object]
impl ClaimCost {
    /// Node id.
    async fn id(&self) -> Gid<ClaimCostId> {
        Gid(ClaimCostId(self.0.id))
    }

    /// Node id of the item that is owed for it (позиция).
    async fn open_item_id(&self) -> Option<Gid<OpenItemId>> {
        self.0.open_item_id.map(|id| Gid(OpenItemId(id)))
    }

    /// What for (вид).
    async fn kind(&self) -> ClaimCostKind {
        self.0.kind
    }

    /// When it was paid by the utility (дата).
    async fn on(&self) -> Date {
        self.0.on_day.into()
    }

    /// Sum (сумма).
    async fn amount(&self) -> Money {
        money(self.0.amount)
    }

    /// Still owed of it (остаток).
    async fn rest(&self) -> Money {
        money(if self.0.reversed_at.is_some() { 0 } else { self.0.rest })
    }

    /// Month it is posted in (период).
    async fn period(&self) -> Period {
        Period::of(self.0.period)
    }

    /// By when the debtor is to pay it (срок оплаты).
    async fn due_on(&self) -> Date {
        self.0.due_on.into()
    }

    /// Taken back (сторнировано).
    async fn reversed(&self) -> bool {
        self.0.reversed_at.is_some()
    }

    /// The paper (документ).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        document(cx, self.0.document_id).await
    }

    /// Who charged it: a login (кто начислил).
    async fn recorded_by(&self) -> &str {
        &self.0.recorded_by
    }
}

/// What lessened claimed sums on a day (погашение).
#[derive(SimpleObject)]
pub struct ClaimSettlement {
    /// The payer's day of a payment, else the day of the act (дата).
    pub on: Date,
    /// What did it: payment, payment_reversal, advance, correction, write_off… (чем).
    pub source: String,
    /// By how much; negative gives it back (сумма).
    pub amount: Money,
}

/// An account with debts that can be claimed (кандидат на взыскание).
pub struct ClaimCandidate(claim::Candidate);

/// An account with debts that can be claimed (кандидат на взыскание).
#[Object]
impl ClaimCandidate {
    /// The account (лицевой счёт).
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, AccountId(self.0.account_id)).await
    }

    /// Owed for longer than asked for, neither disputed nor claimed (задолженность).
    async fn owed(&self) -> Money {
        money(self.0.owed)
    }

    /// Unpaid months (неоплаченных месяцев).
    async fn months(&self) -> i64 {
        self.0.months
    }

    /// The oldest due day (старейший срок).
    async fn oldest(&self) -> Date {
        self.0.oldest.into()
    }
}

/// What the settings of today say about claims (условия взыскания).
#[derive(SimpleObject)]
pub struct ClaimTerms {
    /// From so many days of delay on a debt is proposed (от дней просрочки).
    pub days: Option<i32>,
    /// From this sum on a court or a notary is asked (от суммы).
    pub least: Option<Money>,
    /// Penalty rests on what is claimed from the day it is filed (пеня приостанавливается).
    pub stops_penalty: Option<bool>,
}

/// An item of an account and what of it would be claimed (позиция предварительного расчёта).
#[derive(SimpleObject)]
pub struct ClaimPreviewItem {
    /// Node id of the item (позиция).
    pub open_item_id: Gid<OpenItemId>,
    /// Service (услуга).
    pub service: Service,
    /// Charge, penalty… (составляющая).
    pub component: Component,
    /// Month it comes from (месяц возникновения).
    pub origin: Period,
    /// Last day to pay without delay (срок).
    pub due_on: Date,
    /// Owed of it (задолженность).
    pub rest: Money,
    /// Would be claimed of it (взыскивается).
    pub amount: Money,
    /// Why it can't be claimed; null when it can (почему не взыскивается).
    pub unclaimable: Option<Unclaimable>,
    /// Penalty that this system reckoned: it goes with its debts (пеня к долгам).
    pub reckoned: bool,
    /// Until when it can be claimed (давность истекает).
    pub expires_on: Date,
}

/// What a claim would come to; nothing is kept (предварительный расчёт взыскания).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct ClaimPreview {
    /// Everything that is owed, oldest month first (позиции).
    pub items: Vec<ClaimPreviewItem>,
    /// By what the debt consists of (по составляющим).
    pub parts: Vec<ClaimPart>,
    /// Would be claimed (взыскивается).
    pub amount: Money,
    /// The least sum that a court or a notary is asked about (наименьшая сумма).
    pub least: Money,
    /// Up to which day penalty is reckoned (пеня рассчитана по день).
    pub penalty_reached: Option<Date>,
    /// Penalty would rest from the day it is filed (пеня приостановится).
    pub stops_penalty: bool,
    #[graphql(skip)]
    debtor: PartyId,
}

#[ComplexObject]
impl ClaimPreview {
    /// Who holds the account (должник).
    async fn debtor(&self, cx: &Context<'_>) -> Result<Party> {
        party(cx, self.debtor).await
    }
}

impl From<ops::ClaimPreview> for ClaimPreview {
    fn from(seen: ops::ClaimPreview) -> Self {
        let mut parts: BTreeMap<Component, Money> = BTreeMap::new();
        for item in seen.items.iter().filter(|item| item.amount.is_positive()) {
            *parts.entry(item.debt.component).or_default() += item.amount;
        }
        let item = |item: &ops::Seen| ClaimPreviewItem {
            open_item_id: Gid(item.debt.id),
            service: item.debt.service,
            component: item.debt.component,
            origin: item.debt.origin,
            due_on: item.debt.due_on.into(),
            rest: item.debt.rest,
            amount: item.amount,
            unclaimable: item.unclaimable,
            reckoned: item.debt.reckoned,
            expires_on: item.expires_on.into(),
        };
        Self {
            items: seen.items.iter().map(item).collect(),
            parts: parts
                .into_iter()
                .map(|(component, amount)| ClaimPart { component, amount, rest: amount })
                .collect(),
            amount: seen.amount(),
            least: seen.least,
            penalty_reached: seen.penalty_reached.map(Date::from),
            stops_penalty: seen.stops_penalty,
            debtor: seen.debtor,
        }
    }
}

/// What to claim of an account: items, or months and services.
#[derive(InputObject)]
pub struct ClaimInput {
    /// Node id of the account.
    pub account_id: Gid<AccountId>,
    /// Who is to decide (порядок взыскания).
    pub kind: ClaimKind,
    /// These items as a whole, a thousand at most; without them the months say what (позиции).
    pub items: Option<Vec<Gid<OpenItemId>>>,
    /// First month (с месяца).
    pub from: Option<Period>,
    /// Last month (по месяц).
    pub to: Option<Period>,
    /// Only of these services; all without them (услуги).
    pub services: Option<Vec<Service>>,
    /// With the penalty of what is chosen as it was reckoned up to this day (пеня по день).
    pub penalty_up_to: Option<Date>,
}

impl ClaimInput {
    /// Items in one claim.
    const MOST: usize = 1_000;

    fn wanted(self) -> std::result::Result<Wanted, Refusal> {
        let choice = match (self.items, self.from, self.to) {
            (Some(items), None, None) if items.len() <= Self::MOST => {
                ClaimChoice::Items(items.into_iter().map(|id| id.0).collect())
            }
            (None, Some(from), Some(to)) if from <= to => {
                ClaimChoice::Months { from, to, services: self.services.unwrap_or_default() }
            }
            (None, Some(_), Some(_)) => return Err(Refusal::new("DATES_WRONG").at("to")),
            _ => return Err(Refusal::new("CLAIM_CHOICE").at("items").with("most", Self::MOST)),
        };
        Ok(Wanted {
            account: self.account_id.0,
            kind: self.kind,
            choice,
            penalty_up_to: self.penalty_up_to.map(|day| day.0),
        })
    }
}

/// A claim to prepare.
#[derive(InputObject)]
pub struct ClaimPrepareInput {
    /// What of whom (что взыскать).
    pub claim: ClaimInput,
    /// Day on which its sums are fixed (дата).
    pub on: Date,
    /// Remarks (примечание).
    #[graphql(validator(max_length = 1000))]
    pub note: Option<String>,
    /// What it rests on: the statement of the debt, the claim itself (основание).
    pub document_id: Gid<DocumentId>,
}

/// What happened to a claim.
#[derive(InputObject)]
pub struct ClaimStepInput {
    /// Node id of the claim.
    pub id: Gid<ClaimId>,
    /// What it came to (состояние).
    pub state: ClaimState,
    /// When (дата).
    pub on: Date,
    /// Which court, notary, bailiff or manager; asked for when it is filed and when it is enforced (орган или лицо).
    #[graphql(validator(max_length = 200))]
    pub authority: Option<String>,
    /// Of the case, the writ or the proceeding; asked for when it is enforced (номер).
    #[graphql(validator(max_length = 100))]
    pub number: Option<String>,
    /// The sum that the paper names, as what was granted (сумма).
    pub amount: Option<Money>,
    /// Remarks (примечание).
    #[graphql(validator(max_length = 1000))]
    pub note: Option<String>,
    /// The paper (документ).
    pub document_id: Gid<DocumentId>,
}

/// Which step to take back: the last one.
#[derive(InputObject)]
pub struct ClaimStepTakeBackInput {
    /// Node id of the claim.
    pub id: Gid<ClaimId>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
}

/// A cost to charge.
#[derive(InputObject)]
pub struct ClaimCostChargeInput {
    /// Node id of the claim.
    pub id: Gid<ClaimId>,
    /// What for (вид).
    pub kind: ClaimCostKind,
    /// Sum without VAT (сумма).
    pub amount: Money,
    /// When the utility paid it (дата).
    pub on: Date,
    /// The paper; on the same one the same kind is charged once (документ).
    pub document_id: Gid<DocumentId>,
}

/// A cost to take back.
#[derive(InputObject)]
pub struct ClaimCostReverseInput {
    /// Node id of the cost.
    pub id: Gid<ClaimCostId>,
    /// The document it is done on (основание).
    pub document_id: Gid<DocumentId>,
}

payload!(
    /// What became of a claim (итог действия над взысканием).
    ClaimPayload {
        /// The claim (взыскание).
        claim: Claim
    }
);
payload!(
    /// What a claim would come to, or why it can't be (итог предварительного расчёта взыскания).
    ClaimPreviewPayload {
        /// Items and sums (расчёт).
        preview: ClaimPreview
    }
);

async fn settings(cx: &Context<'_>) -> Result<domain::tariffs::DebtMethods> {
    let clock = &cx.app().clock;
    let today = clock.today();
    let book =
        entities::tariffs::book(cx.db(), today, today.succ_opt().unwrap_or(today), clock.now()).await?;
    Ok(book.methods.debt)
}

#[derive(Default)]
pub struct ClaimQuery;

#[Object]
impl ClaimQuery {
    /// Claims, newest first (взыскания).
    #[graphql(guard = "can(Permission::DebtRead)")]
    #[allow(clippy::too_many_arguments)]
    async fn claims(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Only of this kind.")] kind: Option<ClaimKind>,
        #[graphql(desc = "Only in this state.")] state: Option<ClaimState>,
        #[graphql(desc = "Only those that are not over.")] live: Option<bool>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Claim>> {
        let page = page_of::<i64>(first, after)?;
        let filter = claim::Filter { kind, state, live: live.unwrap_or(false), sector, account: None };
        let slice = claim::list(cx.db(), cx.scope()?, &filter, page.clone()).await?;
        Ok(connection(slice, page.after.is_some(), |row| row.id, Claim))
    }

    /// A claim with everything that happened to it (взыскание).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn claim(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Node id.")] id: Gid<ClaimId>,
    ) -> Result<Option<Claim>> {
        Ok(claim::find(cx.db(), cx.scope()?, id.0).await?.map(Claim))
    }

    /// What the settings of today say about claims (условия взыскания).
    #[graphql(guard = "can(Permission::DebtRead)")]
    async fn claim_terms(&self, cx: &Context<'_>) -> Result<ClaimTerms> {
        let (settings, today) = (settings(cx).await?, cx.app().clock.today());
        Ok(ClaimTerms {
            days: settings.claim_days(today).ok().map(|days| days as i32),
            least: settings.claim_min_sum(today).ok(),
            stops_penalty: settings.claim_stops_penalty(today).ok(),
        })
    }

    /// Accounts whose debts are old and large enough to be claimed, largest first; nobody where a setting is missing
    /// (кандидаты на взыскание).
    #[graphql(guard = "can(Permission::DebtRead)", complexity = "20 + child_complexity")]
    #[allow(clippy::too_many_arguments)]
    async fn claim_candidates(
        &self,
        cx: &Context<'_>,
        #[graphql(
            desc = "Days of delay that count; as the setting says by default.",
            validator(minimum = 0, maximum = 3660)
        )]
        days: Option<i32>,
        #[graphql(desc = "The least sum; as the setting says by default.")] least: Option<Money>,
        #[graphql(desc = "Only of this sector.")] sector: Option<Sector>,
        #[graphql(desc = "Only of this district.")] district: Option<Gid<DistrictId>>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<ClaimCandidate>> {
        let page = page_of::<(i64, i64)>(first, after)?;
        let (settings, day) = (settings(cx).await?, cx.app().clock.today());
        let days = days.map(i32::unsigned_abs).or_else(|| settings.claim_days(day).ok());
        let least = least.or_else(|| settings.claim_min_sum(day).ok());
        let slice = match days.zip(least) {
            Some((days, least)) => {
                let terms = claim::Terms { day, days, least, sector, district: district.map(|d| d.0) };
                claim::candidates(cx.db(), cx.scope()?, &terms, page.clone()).await?
            }
            None => Slice { rows: Vec::new(), has_next: false },
        };
        Ok(connection(slice, page.after.is_some(), |row| (row.owed, row.account_id), ClaimCandidate))
    }

    /// What a claim would come to, item by item, with the day on which the time of limitation of each ends
    /// (рассчитать взыскание).
    #[graphql(guard = "can(Permission::DebtClaim)", complexity = "20 + child_complexity")]
    async fn claim_preview(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What of whom.")] input: ClaimInput,
    ) -> Result<ClaimPreviewPayload> {
        let clock = &cx.app().clock;
        let tx = Tx::begin(cx.db(), cx.actor()?.clone()).await?;
        let seen = match input.wanted() {
            Ok(wanted) => ops::preview_claim(&tx, &wanted, clock.today(), clock.now()).await?,
            Err(refusal) => Err(refusal),
        };
        tx.rollback().await?;
        Ok(ClaimPreviewPayload::of(seen, cx.language()))
    }
}

#[derive(Default)]
pub struct ClaimMutation;

#[Object]
impl ClaimMutation {
    /// Fixes what is claimed of an account and binds it, on a document (подготовить взыскание).
    #[graphql(guard = "can(Permission::DebtClaim)")]
    async fn claim_prepare(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What of whom, on what.")] input: ClaimPrepareInput,
    ) -> Result<ClaimPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| {
                async move {
                    let wanted = allow!(input.claim.wanted());
                    let (on, document) = (input.on.0, input.document_id.0);
                    let row =
                        allow!(ops::prepare_claim(tx, &wanted, on, document, input.note, today, now).await?);
                    ops::begin_watch(tx).await?;
                    Ok(Ok(row))
                }
                .boxed()
            })
            .await?;
        Ok(ClaimPayload::of(done, cx.language()))
    }

    /// Records what happened to a claim, on its paper (записать шаг взыскания).
    #[graphql(guard = "can(Permission::DebtClaim)")]
    async fn claim_step(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "What happened.")] input: ClaimStepInput,
    ) -> Result<ClaimPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| {
                async move {
                    let step = claim::NewStep {
                        state: input.state,
                        on: input.on.0,
                        document: Some(input.document_id.0),
                        authority: input.authority,
                        number: input.number,
                        note: input.note,
                        amount: input.amount,
                    };
                    ops::step_claim(tx, input.id.0, step, today, now).await
                }
                .boxed()
            })
            .await?;
        Ok(ClaimPayload::of(done, cx.language()))
    }

    /// Takes the last step of a claim back, on a document (отменить последний шаг взыскания).
    #[graphql(guard = "can(Permission::DebtDecide)")]
    async fn claim_step_take_back(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Of which claim, on what.")] input: ClaimStepTakeBackInput,
    ) -> Result<ClaimPayload> {
        let done =
            cx.write(move |tx| ops::take_step_back(tx, input.id.0, input.document_id.0).boxed()).await?;
        Ok(ClaimPayload::of(done, cx.language()))
    }

    /// Charges a cost of a claim to its debtor, on its paper (начислить издержки взыскания).
    #[graphql(guard = "can(Permission::DebtClaim)")]
    async fn claim_cost_charge(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The cost.")] input: ClaimCostChargeInput,
    ) -> Result<ClaimPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let costing = Costing {
            claim: input.id.0,
            kind: input.kind,
            amount: input.amount,
            on: input.on.0,
            document: input.document_id.0,
        };
        let done = cx.write(move |tx| ops::charge_cost(tx, costing, today, now).boxed()).await?;
        Ok(ClaimPayload::of(done, cx.language()))
    }

    /// Takes a cost of a claim back in the open month, on a document (сторнировать издержки взыскания).
    #[graphql(guard = "can(Permission::DebtDecide)")]
    async fn claim_cost_reverse(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Which one, on what.")] input: ClaimCostReverseInput,
    ) -> Result<ClaimPayload> {
        let (today, now) = (cx.app().clock.today(), cx.app().clock.now());
        let done = cx
            .write(move |tx| ops::reverse_cost(tx, input.id.0, input.document_id.0, today, now).boxed())
            .await?;
        Ok(ClaimPayload::of(done, cx.language()))
    }
}

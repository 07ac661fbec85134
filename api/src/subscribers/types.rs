use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::{Permission, Scope};
use domain::kernel::*;
use domain::subscribers::{AccountStatus, PartyKind};
use entities::subscribers::{account, group, holder, party, residency};

use super::loaders::*;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::premises::loaders::PointsOfAccount;
use crate::premises::types::{District, Premise, district, premise, premise_address, present};
use crate::wiring::account::{Account, accounts_by_ids};
use crate::wiring::point::Point;

/// The order of a list of accounts (сортировка).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum, Default)]
pub enum AccountSort {
    /// By number (по номеру).
    #[default]
    Number,
    /// Newest first (сначала новые).
    Newest,
}

/// A person or an organisation (лицо).
pub struct Party(pub party::Model);

impl From<party::Model> for Party {
    fn from(row: party::Model) -> Self {
        Self(row)
    }
}

pub async fn party(cx: &Context<'_>, id: PartyId) -> Result<Party> {
    present(cx.loader().load_one(PartyById(id)).await?).map(Party)
}

impl Party {
    /// Opens a sealed value after the look has been written down.
    async fn open(&self, cx: &Context<'_>, sealed: Option<&[u8]>) -> Result<Option<String>> {
        let Some(sealed) = sealed else { return Ok(None) };
        let by = Arc::new(cx.actor()?.clone());
        cx.loader().load_one(Look { party: self.0.id, by }).await?;
        Ok(cx.app().vault.open(sealed))
    }
}

/// A person or an organisation (лицо).
#[Object]
impl Party {
    /// Node id.
    pub async fn id(&self) -> Gid<PartyId> {
        Gid(self.0.id)
    }

    /// Person or organisation (вид лица).
    async fn kind(&self) -> PartyKind {
        self.0.kind
    }

    /// Full name (ФИО или наименование).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// ИИН or БИН. Each look is recorded.
    #[graphql(guard = "can(Permission::PersonalDataRead)")]
    async fn identification(&self, cx: &Context<'_>) -> Result<Option<String>> {
        self.open(cx, self.0.identification.as_deref()).await
    }

    /// Phone (телефон). Each look is recorded.
    #[graphql(guard = "can(Permission::PersonalDataRead)")]
    async fn phone(&self, cx: &Context<'_>) -> Result<Option<String>> {
        self.open(cx, self.0.phone.as_deref()).await
    }

    /// E-mail (электронная почта). Each look is recorded.
    #[graphql(guard = "can(Permission::PersonalDataRead)")]
    async fn email(&self, cx: &Context<'_>) -> Result<Option<String>> {
        self.open(cx, self.0.email.as_deref()).await
    }

    /// Language of letters: kk, ru or en (язык).
    async fn language(&self) -> &str {
        &self.0.language
    }

    /// When everything personal was destroyed on a document (данные уничтожены).
    async fn erased_at(&self) -> Option<DateTime<Utc>> {
        self.0.erased_at
    }

    /// The day of death, registered on a document (дата смерти).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn died_on(&self) -> Option<Date> {
        self.0.died_on.map(Date)
    }

    /// Whether it is the estate of somebody who died, until heirs are entered (наследственное имущество).
    async fn is_estate(&self) -> bool {
        self.0.estate_of.is_some()
    }

    /// One of the utility's own people: credits on such accounts always need a second person (сотрудник).
    async fn is_staff(&self) -> bool {
        self.0.is_staff
    }
}

/// Somebody's days on an account (абонент счёта).
pub struct Holding(pub holder::Holding);

/// Somebody's days on an account (абонент счёта).
#[Object]
impl Holding {
    /// Who (абонент).
    async fn party(&self, cx: &Context<'_>) -> Result<Party> {
        party(cx, self.0.party_id).await
    }

    /// First day (с).
    async fn from(&self) -> Date {
        Date(self.0.from)
    }

    /// Last day; nothing while no end is known (по).
    async fn to(&self) -> Option<Date> {
        Date::last(self.0.to)
    }
}

/// The group of consumers of an account on some days (группа потребителей по дням).
pub struct ConsumerGroupDays(group::Group);

/// The group of consumers of an account on some days (группа потребителей по дням).
#[Object]
impl ConsumerGroupDays {
    /// Group with a price of its own (группа потребителей).
    async fn group(&self) -> ConsumerGroup {
        self.0.consumer_group
    }

    /// First day by its document; null for the group before the first document (с).
    async fn from(&self) -> Option<Date> {
        self.0.document_id.map(|_| Date(self.0.from))
    }

    /// Last day; null while no end is known (по).
    async fn to(&self) -> Option<Date> {
        Date::last(self.0.to)
    }
}

/// A count of registered residents with its source (число проживающих).
#[derive(SimpleObject)]
pub struct Residency {
    /// Node id.
    pub id: Gid<ResidencyId>,
    /// How many people (человек).
    pub residents: i32,
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// Where the count comes from: egov, document, inspection, import (источник).
    pub source: String,
    /// When it was recorded (когда записано).
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it (кем записано).
    pub recorded_by: String,
}

impl From<residency::Residency> for Residency {
    fn from(row: residency::Residency) -> Self {
        Self {
            id: Gid(row.id),
            residents: row.residents,
            from: Date(row.from),
            to: Date::last(row.to),
            source: row.source,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by,
        }
    }
}

/// The registers' part of an account.
pub struct AccountCore(account::Model);

impl From<&account::Model> for AccountCore {
    fn from(row: &account::Model) -> Self {
        Self(row.clone())
    }
}

#[Object]
impl AccountCore {
    /// Node id.
    pub async fn id(&self) -> Gid<AccountId> {
        Gid(self.0.id)
    }

    /// Number (номер лицевого счёта); text, never a number.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// Sector (сектор).
    async fn sector(&self) -> Sector {
        self.0.sector
    }

    /// Group with a price of its own (группа потребителей).
    async fn consumer_group(&self) -> ConsumerGroup {
        self.0.consumer_group
    }

    /// Groups by days, the oldest first; nothing where the group was never changed on a document (группы потребителей по дням).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "5 + 5 * child_complexity")]
    async fn consumer_groups(&self, cx: &Context<'_>) -> Result<Vec<ConsumerGroupDays>> {
        let groups = cx.loader().load_one(GroupsOf(self.0.id)).await?.unwrap_or_default();
        Ok(groups.into_iter().map(ConsumerGroupDays).collect())
    }

    /// Active or closed (состояние).
    async fn status(&self) -> AccountStatus {
        self.0.status
    }

    /// First day (открыт).
    async fn opened_on(&self) -> Date {
        Date(self.0.opened_on)
    }

    /// First day it was no longer active (закрыт).
    async fn closed_on(&self) -> Option<Date> {
        self.0.closed_on.map(Date)
    }

    /// Version, for changes.
    async fn version(&self) -> i32 {
        self.0.version
    }

    /// Accounts that took over from this one when it was divided or joined (перешёл в счета).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "5 + child_complexity")]
    async fn successors(&self, cx: &Context<'_>) -> Result<Vec<Account>> {
        let line = cx.loader().load_one(LineOf(self.0.id)).await?.unwrap_or_default();
        accounts_by_ids(cx, line.0).await
    }

    /// Accounts that this one took over from (образован из счетов).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "5 + child_complexity")]
    async fn predecessors(&self, cx: &Context<'_>) -> Result<Vec<Account>> {
        let line = cx.loader().load_one(LineOf(self.0.id)).await?.unwrap_or_default();
        accounts_by_ids(cx, line.1).await
    }

    /// Street, house and flat in the reader's language (адрес).
    async fn address(&self, cx: &Context<'_>) -> Result<String> {
        premise_address(cx, self.0.premise_id).await
    }

    /// District (район).
    async fn district(&self, cx: &Context<'_>) -> Result<District> {
        district(cx, self.0.district_id).await
    }

    /// The premise that is supplied (помещение).
    async fn premise(&self, cx: &Context<'_>) -> Result<Premise> {
        premise(cx, self.0.premise_id).await
    }

    /// Who holds the account on the business date (абонент); nothing after moving out.
    async fn holder(&self, cx: &Context<'_>) -> Result<Option<Party>> {
        match cx.loader().load_one(HolderOf(self.0.id)).await? {
            Some(holder) => party(cx, holder.party_id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Everybody who has held the account, the newest first; twenty at most (абоненты счёта).
    #[graphql(guard = "can(Permission::AccountRead)", complexity = "5 + 5 * child_complexity")]
    async fn holders(&self, cx: &Context<'_>) -> Result<Vec<Holding>> {
        Ok(cx
            .loader()
            .load_one(HoldingsOf(self.0.id))
            .await?
            .unwrap_or_default()
            .into_iter()
            .map(Holding)
            .collect())
    }

    /// The count of registered residents on the business date (проживающие).
    async fn residents(&self, cx: &Context<'_>) -> Result<Option<Residency>> {
        Ok(cx.loader().load_one(ResidencyOf(self.0.id)).await?.map(Into::into))
    }

    /// The count of registered residents on a day as known at a moment (проживающие на дату).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn residents_as_of(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "The day it was so.")] valid_on: Date,
        #[graphql(desc = "What was recorded up to this moment counts; everything by default.")]
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Option<Residency>> {
        let known_at = known_at.unwrap_or_else(|| cx.app().clock.now());
        Ok(residency::as_of(cx.db(), self.0.id, valid_on.0, known_at).await?.map(Into::into))
    }

    /// Counts of residents, newest first; a subscriber sees those of his own time (история проживающих).
    async fn residencies(
        &self,
        cx: &Context<'_>,
        #[graphql(desc = "Rows of the page, 20 by default, 100 at most.")] first: Option<i32>,
        #[graphql(desc = "Cursor of the row before the page.")] after: Option<String>,
    ) -> Result<Conn<Residency>> {
        let page = page_of::<chrono::NaiveDate>(first, after)?;
        let since = own_since(cx, self.0.id).await?;
        let key = ResidenciesOf { account: self.0.id, since, first: page.first, after: page.after };
        let slice = present(cx.loader().load_one(key).await?)?;
        Ok(connection(slice, page.after.is_some(), |row| row.from, |row| -> Residency { row.into() }))
    }

    /// Points of supply it pays for (точки подключения), fifty at most.
    async fn points(&self, cx: &Context<'_>) -> Result<Vec<Point>> {
        let points = cx.loader().load_one(PointsOfAccount(self.0.id)).await?.unwrap_or_default();
        Ok(points.into_iter().map(Point::from).collect())
    }
}

/// From which day on a subscriber sees the account's life: the first day of its newest holder, who may have moved out, or of
/// whom he inherited from. None for
/// staff, who see all.
pub async fn own_since(cx: &Context<'_>, account: AccountId) -> Result<Option<chrono::NaiveDate>> {
    match cx.scope()? {
        Scope::City | Scope::Part { .. } => Ok(None),
        Scope::Own(_) => {
            let holder = cx.loader().load_one(LastHolderOf(account)).await?;
            // Nobody's time: after every day that a register knows.
            let never = chrono::NaiveDate::from_ymd_opt(2999, 12, 31);
            Ok(holder.map(|holder| holder.sees_from).or(never))
        }
    }
}

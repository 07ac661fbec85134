use async_graphql::{Context, Enum, InputObject, Object, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::imbalance::{CauseKind, ComparedBy, DecisionKind, HouseReason, HouseState, InletState};
use domain::kernel::*;
use domain::tariffs::{ImbalanceMethod, ProposalState};
use entities::imbalance::decision::DecisionRow;
use entities::imbalance::house::{self, HouseRow, InletRow, Order};
use entities::imbalance::reckoning::Reckoning;
use entities::imbalance::rule::{ExclusionRow, MemberRow};

use super::loaders::DecisionById;
use super::ops::{Bench, Bencher};
use super::told;
use crate::archive::Document;
use crate::archive::types::DocumentById;
use crate::consumption::loaders::BulkOf;
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;
use crate::platform::messages::{self, Language};
use crate::premises::Building;
use crate::premises::loaders::BuildingById;
use crate::premises::types::present;
use crate::wiring::account::{Account, account_by_id};

/// What the list of houses is sorted by (сортировка).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum ImbalanceOrder {
    /// As the houses were registered.
    Registered,
    /// The largest difference first, whatever its sign.
    Volume,
    /// The largest difference beside what the house meter shows first.
    Percent,
}

impl From<ImbalanceOrder> for Order {
    fn from(order: ImbalanceOrder) -> Self {
        match order {
            ImbalanceOrder::Registered => Self::Registered,
            ImbalanceOrder::Volume => Self::Volume,
            ImbalanceOrder::Percent => Self::Percent,
        }
    }
}

async fn building(cx: &Context<'_>, id: BuildingId) -> Result<Building> {
    present(cx.loader().load_one(BuildingById(id)).await?).map(Building)
}

async fn document(cx: &Context<'_>, id: DocumentId) -> Result<Option<Document>> {
    Ok(cx.loader().load_one(DocumentById(id)).await?.map(Document::from))
}

fn day(day: chrono::NaiveDate) -> Date {
    day.into()
}

/// Houses and volumes of one state (итог по состоянию).
#[derive(SimpleObject)]
pub struct ImbalanceSum {
    /// What became of them (состояние).
    pub state: HouseState,
    /// Houses (домов).
    pub houses: i64,
    /// Differences together, m³ (разница).
    pub total: Volume,
    /// Borne by flats, m³ (распределено).
    pub distributed: Volume,
    /// Left to the next month, m³ (перенесено).
    pub carried_out: Volume,
}

impl From<house::Sum> for ImbalanceSum {
    fn from(row: house::Sum) -> Self {
        let house::Sum { state, houses, total, distributed, carried_out } = row;
        Self { state, houses, total, distributed, carried_out }
    }
}

/// A reckoning of the houses of a month (расчёт небаланса).
pub struct ImbalanceReckoning(pub Reckoning);

/// A reckoning of the houses of a month (расчёт небаланса).
#[Object]
impl ImbalanceReckoning {
    /// Month (период).
    async fn period(&self) -> Period {
        self.0.period()
    }

    /// Whether bills stand on it: it is that of the month's run, not a look between runs (по расчёту месяца).
    async fn of_run(&self) -> bool {
        self.0.run().is_some()
    }

    /// The moment whose facts it knows (на какой момент).
    async fn known_at(&self) -> DateTime<Utc> {
        self.0.known_at
    }

    /// Sums by state in the caller's districts (итоги).
    async fn sums(&self, cx: &Context<'_>) -> Result<Vec<ImbalanceSum>> {
        let rows = house::sums(cx.db(), cx.scope()?, self.0.id).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

/// The difference of a house in a month (небаланс дома).
/// gap + carriedIn = distributed + carriedOut + dropped, but for a month that is compared with nothing.
pub struct ImbalanceHouse(pub HouseRow);

/// The difference of a house in a month (небаланс дома).
/// gap + carriedIn = distributed + carriedOut + dropped, but for a month that is compared with nothing.
#[Object]
impl ImbalanceHouse {
    /// The house (дом).
    async fn building(&self, cx: &Context<'_>) -> Result<Building> {
        building(cx, self.0.building_id).await
    }

    /// Month (период).
    async fn period(&self) -> Period {
        Period::of(self.0.period)
    }

    /// What became of the difference (состояние).
    async fn state(&self) -> HouseState {
        self.0.state
    }

    /// Why (причина).
    async fn reason(&self) -> Option<HouseReason> {
        self.0.reason
    }

    /// With what the month was compared; null where with nothing (с чем сравнивается).
    async fn compared_by(&self) -> Option<ComparedBy> {
        self.0.compared_by
    }

    /// What the house meter shows, or its average stands for, m³; null where an inlet does not tell (общедомовой прибор).
    async fn measured(&self) -> Option<Volume> {
        self.0.measured
    }

    /// Flats by their readings, m³ (по приборам).
    async fn metered(&self) -> Volume {
        self.0.metered
    }

    /// Flats by average, m³ (по среднему).
    async fn averaged(&self) -> Volume {
        self.0.averaged
    }

    /// Flats by norm, m³ (по нормативу).
    async fn normed(&self) -> Volume {
        self.0.normed
    }

    /// Legal entities in the house, m³ (нежилые помещения).
    async fn non_residential(&self) -> Volume {
        self.0.non_residential
    }

    /// Hot water that the house heats itself, m³ (горячая вода своего подогрева).
    async fn hot(&self) -> Volume {
        self.0.hot
    }

    /// By recalculations of months before since they were reckoned, m³, signed (перерасчёты прошлых месяцев).
    async fn corrected(&self) -> Volume {
        self.0.corrected
    }

    /// Measured less everything accounted for, m³ (небаланс месяца).
    async fn gap(&self) -> Volume {
        self.0.gap
    }

    /// Left by the months before, m³ (перенесено с прошлых месяцев).
    async fn carried_in(&self) -> Volume {
        self.0.carried_in
    }

    /// Gap and what was carried in, m³ (разница).
    async fn total(&self) -> Volume {
        self.0.total()
    }

    /// |total| in percent of the house meter, two decimals; null where there is no such share (в процентах).
    async fn percent(&self) -> Option<String> {
        self.0.parts_of_meter.map(|parts| rust_decimal::Decimal::new(parts, 2).to_string())
    }

    /// Borne by flats, m³ (распределено).
    async fn distributed(&self) -> Volume {
        self.0.distributed
    }

    /// Left to the next month, m³ (перенесено дальше).
    async fn carried_out(&self) -> Volume {
        self.0.carried_out
    }

    /// Set aside, m³ (не учитывается).
    async fn dropped(&self) -> Volume {
        self.0.dropped
    }

    /// By what it is shared (способ).
    async fn method(&self) -> ImbalanceMethod {
        self.0.method
    }

    /// Accounts of flats (квартир).
    async fn flats(&self) -> i32 {
        self.0.flats
    }

    /// Accounts that bear a share (несут долю).
    async fn sharing(&self) -> i32 {
        self.0.sharing
    }

    /// Accounts that could not be reckoned (не рассчитано счетов).
    async fn unreckoned(&self) -> i32 {
        self.0.unreckoned
    }

    /// First day between the readings of the house meter (с).
    async fn from(&self) -> Date {
        day(self.0.from_day)
    }

    /// Last day, included (по).
    async fn to(&self) -> Date {
        day(self.0.to_day.pred_opt().unwrap_or(self.0.to_day))
    }

    /// The decision that it was reckoned with (решение).
    async fn decision(&self, cx: &Context<'_>) -> Result<Option<ImbalanceDecision>> {
        let Some(id) = self.0.decision_id else { return Ok(None) };
        let row = cx.loader().load_one(DecisionById(ImbalanceDecisionId(id))).await?;
        Ok(row.map(ImbalanceDecision))
    }
}

/// A meter of the house in the month (общедомовой прибор).
#[derive(SimpleObject)]
pub struct ImbalanceInlet {
    /// The inlet: readings of the house meter are handed in for it (точка подключения).
    pub point_id: Gid<PointId>,
    /// The meter (прибор).
    pub meter_id: Gid<MeterId>,
    /// Its factory number (заводской номер).
    pub serial: String,
    /// What it tells of the month (состояние).
    pub state: InletState,
    /// The last day on which it counts (поверен по).
    pub verified_until: Date,
    /// Day of the reading that the house was reckoned up to.
    pub previous_day: Option<Date>,
    /// That reading, m³.
    pub previous_value: Option<Volume>,
    /// Day of the last one that counts.
    pub last_day: Option<Date>,
    /// That reading, m³.
    pub last_value: Option<Volume>,
    /// What lies between them, m³ (расход).
    pub volume: Option<Volume>,
}

impl From<InletRow> for ImbalanceInlet {
    fn from(row: InletRow) -> Self {
        Self {
            point_id: Gid(row.point_id),
            meter_id: Gid(row.meter_id),
            serial: row.serial,
            state: row.state,
            verified_until: day(row.verified_until.pred_opt().unwrap_or(row.verified_until)),
            previous_day: row.prev_day.map(day),
            previous_value: row.prev_liters,
            last_day: row.last_day.map(day),
            last_value: row.last_liters,
            volume: row.liters,
        }
    }
}

/// A possible cause of a difference (возможная причина).
pub struct ImbalanceCause(domain::imbalance::Cause);

/// As many accounts of a cause are shown.
const SHOWN: usize = 50;

/// The first of them that the caller may see.
async fn accounts(cx: &Context<'_>, ids: &[AccountId]) -> Result<Vec<Account>> {
    let ids = ids.iter().take(SHOWN);
    let found = futures_util::future::join_all(ids.map(|id| account_by_id(cx, *id))).await;
    Ok(found.into_iter().filter_map(std::result::Result::ok).collect())
}

/// A possible cause of a difference (возможная причина).
#[Object]
impl ImbalanceCause {
    /// What it is (вид причины).
    async fn kind(&self) -> CauseKind {
        self.0.kind
    }

    /// m³ of the gap that it may explain, signed like the gap; null where nothing tells (оценка).
    async fn estimate(&self) -> Option<Volume> {
        self.0.estimate
    }

    /// m³ that are billed without a measurement because of it (без измерения).
    async fn at_stake(&self) -> Volume {
        self.0.at_stake
    }

    /// How many accounts it is about (счетов).
    async fn count(&self) -> i32 {
        i32::try_from(self.0.accounts.len()).unwrap_or(i32::MAX)
    }

    /// The first fifty of them that the caller may see (лицевые счета).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn accounts(&self, cx: &Context<'_>) -> Result<Vec<Account>> {
        accounts(cx, &self.0.accounts).await
    }
}

/// What one method would make of an account (доля по способу).
#[derive(Clone, SimpleObject)]
pub struct ImbalanceVariant {
    /// The method (способ).
    pub method: ImbalanceMethod,
    /// The account's weight: people, litres, accounts or 0.01 m² (вес).
    pub weight: i64,
    /// Its share, m³ (доля).
    pub volume: Volume,
    /// What that adds to the bill for water and sewerage, with VAT, without bands (к начислению).
    pub gross: Money,
}

/// A flat of the house (квартира в небалансе).
pub struct ImbalanceFlat(Bencher);

/// A flat of the house (квартира в небалансе).
#[Object]
impl ImbalanceFlat {
    /// Its account (лицевой счёт).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0.flat.account).await
    }

    /// Its own water of the month, m³ (свой объём).
    async fn own(&self) -> Volume {
        self.0.flat.own.cold()
    }

    /// Of it by readings, m³ (по прибору).
    async fn metered(&self) -> Volume {
        self.0.flat.own.metered
    }

    /// Hot water that counts against the house meter, m³ (горячая вода).
    async fn hot(&self) -> Volume {
        self.0.flat.own.hot
    }

    /// People registered (зарегистрировано).
    async fn registered(&self) -> i32 {
        i32::try_from(self.0.flat.own.registered).unwrap_or(i32::MAX)
    }

    /// A verified meter stands there (прибор поверен).
    async fn valid_meter(&self) -> bool {
        self.0.flat.own.valid_meter
    }

    /// It bears no share by a document (исключён).
    async fn excluded(&self) -> bool {
        self.0.flat.excluded
    }

    /// Its share by each method (варианты).
    async fn variants(&self) -> Vec<ImbalanceVariant> {
        let variant = |&(method, weight, volume, gross): &(ImbalanceMethod, u64, Volume, Money)| {
            ImbalanceVariant { method, weight: i64::try_from(weight).unwrap_or(i64::MAX), volume, gross }
        };
        self.0.shares.iter().map(variant).collect()
    }
}

/// What a method would leave to the next month (остаток по способу).
#[derive(SimpleObject)]
pub struct ImbalanceLeft {
    /// The method (способ).
    pub method: ImbalanceMethod,
    /// m³ that its limits would carry on (перенос).
    pub carried_out: Volume,
}

/// What is told to the residents (пояснение жильцам).
#[derive(SimpleObject)]
pub struct ImbalanceWords {
    /// In Kazakh.
    pub kk: String,
    /// In Russian.
    pub ru: String,
    /// In English.
    pub en: String,
}

/// An account that bears no share of its house (исключённый счёт).
pub struct ImbalanceExclusion(pub ExclusionRow);

/// An account that bears no share of its house (исключённый счёт).
#[Object]
impl ImbalanceExclusion {
    /// The account (лицевой счёт).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0.account_id).await
    }

    /// Why (причина).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The document that says so (документ).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        document(cx, self.0.document_id).await
    }

    /// First day (с).
    async fn from(&self) -> Date {
        day(self.0.from_day)
    }

    /// Last day; null while no end is known (по).
    async fn to(&self) -> Option<Date> {
        self.0.to_day.and_then(|to| to.pred_opt()).map(day)
    }
}

/// A legal entity of a house (юридическое лицо дома).
pub struct ImbalanceMember(pub MemberRow);

/// A legal entity of a house, and when it stands on the condominium's list (юридическое лицо дома).
#[Object]
impl ImbalanceMember {
    /// The account (лицевой счёт).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn account(&self, cx: &Context<'_>) -> Result<Account> {
        account_by_id(cx, self.0.account_id).await
    }

    /// The list, or what changed it; nothing where it does not stand on it (документ).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        match self.0.document_id {
            Some(id) => document(cx, id).await,
            None => Ok(None),
        }
    }

    /// First day on the list; null where it does not stand on it (с).
    async fn from(&self) -> Option<Date> {
        self.0.from_day.map(day)
    }

    /// Last day; null while no end is known (по).
    async fn to(&self) -> Option<Date> {
        self.0.to_day.and_then(|to| to.pred_opt()).map(day)
    }
}

/// A house opened: what its difference is made of, what may be behind it and what each method would make of it (дом крупно).
pub struct ImbalanceBench {
    pub bench: Bench,
    pub reckoning: i64,
    pub heats: bool,
}

/// A house opened: what its difference is made of, what may be behind it and what each method would make of it (дом крупно).
#[Object]
impl ImbalanceBench {
    /// Its figures (итоги).
    async fn house(&self) -> ImbalanceHouse {
        ImbalanceHouse(self.bench.row.clone())
    }

    /// Its meters (приборы).
    async fn inlets(&self, cx: &Context<'_>) -> Result<Vec<ImbalanceInlet>> {
        let rows = house::inlets(cx.db(), self.reckoning, self.bench.row.building_id).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Possible causes, those that explain most first (причины).
    async fn causes(&self) -> Vec<ImbalanceCause> {
        self.bench.causes.iter().cloned().map(ImbalanceCause).collect()
    }

    /// How many accounts that would bear a share have no known area: by area the house waits for it (без площади).
    async fn area_unknown(&self) -> i32 {
        i32::try_from(self.bench.without_area.len()).unwrap_or(i32::MAX)
    }

    /// The first fifty of them that the caller may see (лицевые счета без площади).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn without_area(&self, cx: &Context<'_>) -> Result<Vec<Account>> {
        accounts(cx, &self.bench.without_area).await
    }

    /// The number of the account that pays for the whole house in the month, where one does (плательщик за дом).
    #[graphql(guard = "can(Permission::AccountRead)")]
    async fn bulk_payer(&self, cx: &Context<'_>) -> Result<Option<String>> {
        let rows = cx.loader().load_one(BulkOf(self.bench.row.building_id)).await?.unwrap_or_default();
        let day = self.bench.row.period;
        let now = rows.into_iter().find(|row| row.from <= day && row.to.is_none_or(|to| to > day));
        Ok(now.and_then(|row| row.payer))
    }

    /// Its flats with their share by each method (квартиры).
    #[graphql(complexity = "100 + child_complexity")]
    async fn flats(&self) -> Vec<ImbalanceFlat> {
        self.bench.flats.iter().cloned().map(ImbalanceFlat).collect()
    }

    /// What each method would leave to the next month (остатки).
    async fn left(&self) -> Vec<ImbalanceLeft> {
        let left = |&(method, carried_out): &(ImbalanceMethod, Volume)| ImbalanceLeft { method, carried_out };
        self.bench.carried.iter().map(left).collect()
    }

    /// The house heats its own water (свой подогрев воды).
    async fn heats_own_water(&self) -> bool {
        self.heats
    }

    /// Accounts that bear no share, in the month or later (исключения).
    async fn exclusions(&self, cx: &Context<'_>) -> Result<Vec<ImbalanceExclusion>> {
        let (building, period) = (self.bench.row.building_id, Period::of(self.bench.row.period));
        let rows = entities::imbalance::rule::exclusions(cx.db(), building, period).await?;
        Ok(rows.into_iter().map(ImbalanceExclusion).collect())
    }

    /// Its legal entities and the days on which they stand on the condominium's list, in the month or later; a hundred at most
    /// (юридические лица дома).
    async fn members(&self, cx: &Context<'_>) -> Result<Vec<ImbalanceMember>> {
        let (building, period) = (self.bench.row.building_id, Period::of(self.bench.row.period));
        let rows = entities::imbalance::rule::members(cx.db(), cx.scope()?, building, period).await?;
        Ok(rows.into_iter().map(ImbalanceMember).collect())
    }

    /// Months by their runs, newest first, two years at most (история).
    async fn history(&self, cx: &Context<'_>) -> Result<Vec<ImbalanceHouse>> {
        let rows = house::history(cx.db(), self.bench.row.building_id, 24).await?;
        Ok(rows.into_iter().map(ImbalanceHouse).collect())
    }

    /// What every resident of the house is told (текст для жильцов).
    async fn words(&self) -> ImbalanceWords {
        let say = |language| told::of_house(&self.bench.row, language);
        ImbalanceWords { kk: say(Language::Kk), ru: say(Language::Ru), en: say(Language::En) }
    }
}

/// What two people decide about a house and month (решение по небалансу).
pub struct ImbalanceDecision(pub DecisionRow);

impl From<DecisionRow> for ImbalanceDecision {
    fn from(row: DecisionRow) -> Self {
        Self(row)
    }
}

/// What two people decide about a house and month (решение по небалансу).
#[Object]
impl ImbalanceDecision {
    /// Node id.
    async fn id(&self) -> Gid<ImbalanceDecisionId> {
        Gid(self.0.id)
    }

    /// The house (дом).
    async fn building(&self, cx: &Context<'_>) -> Result<Building> {
        building(cx, self.0.building_id).await
    }

    /// Month (период).
    async fn period(&self) -> Period {
        Period::of(self.0.period)
    }

    /// What is to be done (решение).
    async fn kind(&self) -> DecisionKind {
        self.0.kind
    }

    /// By what a distribution shares (способ).
    async fn method(&self) -> Option<ImbalanceMethod> {
        self.0.method
    }

    /// Why (обоснование).
    async fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The document behind it (документ).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        document(cx, self.0.document_id).await
    }

    /// Where it stands (состояние).
    async fn state(&self) -> ProposalState {
        self.0.state
    }

    /// Who proposed it (кто предложил).
    async fn proposed_by(&self, cx: &Context<'_>) -> String {
        messages::said(cx.language(), &self.0.proposed_by)
    }

    /// When.
    async fn proposed_at(&self) -> DateTime<Utc> {
        self.0.proposed_at
    }

    /// Who confirmed, declined or took it back (кто решил).
    async fn decided_by(&self, cx: &Context<'_>) -> Option<String> {
        self.0.decided_by.as_deref().map(|by| messages::said(cx.language(), by))
    }

    /// When.
    async fn decided_at(&self) -> Option<DateTime<Utc>> {
        self.0.decided_at
    }

    /// Why it was declined (причина отклонения).
    async fn declined_why(&self) -> Option<&str> {
        self.0.declined_why.as_deref()
    }
}

/// Which month to reckon.
#[derive(InputObject)]
pub struct ImbalanceLookInput {
    /// Month (период).
    pub period: Period,
}

/// What to decide about a house and month.
#[derive(InputObject)]
pub struct ImbalanceProposeInput {
    /// The house.
    pub building_id: Gid<BuildingId>,
    /// Month (период).
    pub period: Period,
    /// What is to be done.
    pub kind: DecisionKind,
    /// By what a distribution shares; only with DISTRIBUTE.
    pub method: Option<ImbalanceMethod>,
    /// Why, in words; 500 characters at most.
    pub reason: String,
    /// The official document behind it: a protocol, an act, a letter.
    pub document_id: Gid<DocumentId>,
}

/// Which decision to confirm.
#[derive(InputObject)]
pub struct ImbalanceConfirmInput {
    /// The decision.
    pub id: Gid<ImbalanceDecisionId>,
}

/// Which decision to end without effect.
#[derive(InputObject)]
pub struct ImbalanceDeclineInput {
    /// The decision.
    pub id: Gid<ImbalanceDecisionId>,
    /// Why; not needed for an own one.
    pub reason: Option<String>,
}

/// Whether a house heats its own water.
#[derive(InputObject)]
pub struct HouseHeatingInput {
    /// The house.
    pub building_id: Gid<BuildingId>,
    /// It does.
    pub own: bool,
    /// First day.
    pub from: Date,
    /// The document that says so.
    pub document_id: Gid<DocumentId>,
}

/// An account that is to bear no share of its house.
#[derive(InputObject)]
pub struct ImbalanceExcludeInput {
    /// The account.
    pub account_id: Gid<AccountId>,
    /// First day.
    pub from: Date,
    /// Last day; no end unless said.
    pub to: Option<Date>,
    /// Why, in words.
    pub reason: String,
    /// The document that says so.
    pub document_id: Gid<DocumentId>,
}

/// An account that is to bear its share again.
#[derive(InputObject)]
pub struct ImbalanceIncludeInput {
    /// The account.
    pub account_id: Gid<AccountId>,
    /// First day on which it does.
    pub from: Date,
    /// The document that says so.
    pub document_id: Gid<DocumentId>,
}

/// The useful area of an account's premise.
#[derive(InputObject)]
pub struct PremiseAreaInput {
    /// The account of the flat or object.
    pub account_id: Gid<AccountId>,
    /// In m², with two decimals at most.
    pub square_meters: String,
    /// The document that says so.
    pub document_id: Gid<DocumentId>,
}

/// A legal entity on the list of its condominium.
#[derive(InputObject)]
pub struct ImbalanceMemberInput {
    /// The account of the legal entity.
    pub account_id: Gid<AccountId>,
    /// Whether it stands on the list.
    pub member: bool,
    /// First day.
    pub from: Date,
    /// The list, or what changes it.
    pub document_id: Gid<DocumentId>,
}

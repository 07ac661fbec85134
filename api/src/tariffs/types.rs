use async_graphql::{ComplexObject, Context, SimpleObject, Union};
use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::tariffs::{AllocationOrder, AllocationPolicy, Amenity, BandMode, ProposalState, setting};
use entities::kernel::bitemporal;
use entities::tariffs::proposal::{self, AnyVersion, Proposal};
use entities::tariffs::setting::Setting as SettingRow;
use entities::tariffs::version;
use rust_decimal::Decimal;

use crate::archive::types::{Document, DocumentById};
use crate::edge;
use crate::platform::graphql::loaders::{Loaders, gather};
use crate::platform::graphql::*;
use crate::platform::messages::{self, Language};

/// When a version holds and why (основание).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct TariffBasis {
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// A value of the demo: nobody published it.
    pub demo: bool,
    /// Who confirmed it, another person; nothing while it waits and for published values loaded as reference data (кто подтвердил).
    pub confirmed_by: Option<String>,
    #[graphql(skip)]
    pub said: String,
    #[graphql(skip)]
    pub by: String,
    #[graphql(skip)]
    pub cites: Option<DocumentId>,
}

impl From<version::Basis> for TariffBasis {
    fn from(row: version::Basis) -> Self {
        Self {
            from: Date(row.from),
            to: Date::last(row.to),
            demo: row.demo,
            confirmed_by: row.confirmed_by,
            said: row.source,
            by: row.recorded_by,
            cites: row.document_id,
        }
    }
}

#[ComplexObject]
impl TariffBasis {
    /// Who proposed it, in the reader's language where it was the program itself (кто предложил).
    async fn proposed_by(&self, cx: &Context<'_>) -> String {
        messages::said(cx.language(), &self.by)
    }

    /// Where the value comes from, in the reader's language where the program knows the words (источник).
    async fn source(&self, cx: &Context<'_>) -> String {
        messages::said(cx.language(), &self.said)
    }

    /// The official document that sets it (документ); nothing for published values loaded as reference data.
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        document(cx, self.cites).await
    }
}

/// A net price of a m³ (цена за м³ без НДС).
#[derive(SimpleObject)]
pub struct Price {
    /// Node id; charge lines cite it.
    pub id: Gid<TariffId>,
    /// Line of the price list (услуга).
    pub service: Service,
    /// For whom (группа потребителей).
    pub consumer_group: ConsumerGroup,
    /// Tenge per m³ without VAT, as a decimal string.
    pub net: String,
    #[graphql(flatten)]
    pub basis: TariffBasis,
}

/// A price with at least two decimals.
fn price(value: Decimal) -> String {
    let mut value = value.normalize();
    if value.scale() < 2 {
        value.rescale(2);
    }
    value.to_string()
}

impl From<version::Price> for Price {
    fn from(row: version::Price) -> Self {
        Self {
            id: Gid(row.id),
            service: row.service,
            consumer_group: row.consumer_group,
            net: price(row.net),
            basis: row.basis.into(),
        }
    }
}

/// A rate of value added tax (ставка НДС).
#[derive(SimpleObject)]
pub struct VatRate {
    /// Node id; charge lines cite it.
    pub id: Gid<TariffId>,
    /// 0.16 stands for 16 %.
    pub rate: String,
    #[graphql(flatten)]
    pub basis: TariffBasis,
}

impl From<version::Vat> for VatRate {
    fn from(row: version::Vat) -> Self {
        Self { id: Gid(row.id), rate: row.rate.normalize().to_string(), basis: row.basis.into() }
    }
}

/// A consumption norm per registered person and month (норматив потребления).
#[derive(SimpleObject)]
pub struct Norm {
    /// Node id; charge lines cite it.
    pub id: Gid<TariffId>,
    /// For which dwellings (степень благоустройства).
    pub amenity: Amenity,
    /// Line of the price list (услуга).
    pub service: Service,
    /// m³ per person and full month.
    pub volume: Volume,
    #[graphql(flatten)]
    pub basis: TariffBasis,
}

impl From<version::Norm> for Norm {
    fn from(row: version::Norm) -> Self {
        Self {
            id: Gid(row.id),
            amenity: row.amenity,
            service: row.service,
            volume: row.liters,
            basis: row.basis.into(),
        }
    }
}

/// Bands of the population's water price by volume (дифференциация по объёму).
#[derive(SimpleObject)]
pub struct BandSet {
    /// Node id; charge lines cite it.
    pub id: Gid<TariffId>,
    /// How the bands price a volume (способ).
    pub mode: BandMode,
    /// In rising order, the last one without a bound; none while suspended.
    pub bands: Vec<Band>,
    /// No bands apply on these days: the plain price (приостановлено).
    pub suspended: bool,
    #[graphql(flatten)]
    pub basis: TariffBasis,
}

/// One band (диапазон).
#[derive(SimpleObject)]
pub struct Band {
    /// Upper bound in m³ per person and month, itself inside; nothing at the last band.
    pub upto: Option<Volume>,
    /// Multiplies the net price.
    pub coefficient: String,
}

impl From<version::BandSet> for BandSet {
    fn from(row: version::BandSet) -> Self {
        let bands = version::bands_of(row.mode, &row.bands).map(|b| b.bands).unwrap_or_default();
        let band =
            |band: domain::tariffs::Band| Band { upto: band.upto, coefficient: band.coefficient.to_string() };
        Self {
            id: Gid(row.id),
            mode: row.mode,
            bands: bands.into_iter().map(band).collect(),
            suspended: row.suspended,
            basis: row.basis.into(),
        }
    }
}

/// A version of the tariff register, of any kind (версия тарифа).
#[derive(Union)]
pub enum TariffVersion {
    Price(Price),
    VatRate(VatRate),
    Norm(Norm),
    BandSet(BandSet),
}

impl From<AnyVersion> for TariffVersion {
    fn from(version: AnyVersion) -> Self {
        match version {
            AnyVersion::Price(row) => Self::Price(row.into()),
            AnyVersion::Vat(row) => Self::VatRate(row.into()),
            AnyVersion::Norm(row) => Self::Norm(row.into()),
            AnyVersion::Bands(row) => Self::BandSet(row.into()),
        }
    }
}

/// A price, norm, rate or bands between two people (предложение тарифа). It decides nothing until a second person confirms it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct TariffProposal {
    /// Node id; the version has it once it is confirmed.
    pub id: Gid<TariffId>,
    /// What is proposed, with its days, source and document.
    pub version: TariffVersion,
    /// Where it stands.
    pub state: ProposalState,
    /// Login of who proposed it (кто предложил).
    pub proposed_by: String,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Login of who confirmed, declined or took it back (кто решил).
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was declined.
    pub reason: Option<String>,
    #[graphql(skip)]
    pub from: NaiveDate,
}

impl From<Proposal> for TariffProposal {
    fn from(row: Proposal) -> Self {
        Self {
            id: Gid(row.id),
            from: row.version.basis().from,
            version: row.version.into(),
            state: row.state,
            proposed_by: row.proposed_by,
            proposed_at: row.proposed_at,
            decided_by: row.decided_by,
            decided_at: row.decided_at,
            reason: row.reason,
        }
    }
}

edge!(
    /// What gives way to a proposal.
    GivesWay(TariffId) => Vec<AnyVersion>, |app, ids| async {
        let rows = proposal::replaced(&app.db, ids.into_iter().map(|id| id.0).collect()).await?;
        Ok(gather(rows))
    }
);

edge!(
    /// The first day that no closed month covers, in any sector.
    FirstOpenDay(()) => NaiveDate, |app, _ids| async {
        let day = bitemporal::first_open_day(&app.db, None).await?;
        Ok::<_, entities::kernel::Broken>(day.map(|day| ((), day)).into_iter().collect())
    }
);

#[ComplexObject]
impl TariffProposal {
    /// The first day that no closed month covers, where what waits begins before it: closed months stay as they were billed until they
    /// are recalculated (закрытые месяцы до).
    async fn closed_before(&self, cx: &Context<'_>) -> Result<Option<Date>> {
        if self.state != ProposalState::Proposed {
            return Ok(None);
        }
        let first = cx.loader().load_one(FirstOpenDay(())).await?;
        Ok(first.filter(|first| self.from < *first).map(Date))
    }

    /// Versions in force on its days: they give way on them when it is confirmed, or gave way (что заменяет).
    #[graphql(complexity = "5 + child_complexity")]
    async fn replaces(&self, cx: &Context<'_>) -> Result<Vec<TariffVersion>> {
        let rows = cx.loader().load_one(GivesWay(self.id.0)).await?.unwrap_or_default();
        Ok(rows.into_iter().map(TariffVersion::from).collect())
    }
}

/// A version of a setting that decides money (настройка). It decides nothing until a second person confirms it.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Setting {
    /// Node id; explanations cite it.
    pub id: Gid<SettingId>,
    /// Code of the setting.
    pub code: String,
    /// Its value, in the code's own words.
    pub value: String,
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Who ended the proposal without effect; who proposed it took it back (кто отклонил или отозвал).
    pub declined_by: Option<String>,
    /// Why it was declined (причина отклонения).
    pub decline_reason: Option<String>,
    /// A value of the demo, confirmed by nobody.
    pub demo: bool,
    #[graphql(skip)]
    pub said: String,
    #[graphql(skip)]
    pub people: (String, Option<String>),
    #[graphql(skip)]
    pub cites: Option<DocumentId>,
}

impl From<SettingRow> for Setting {
    fn from(row: SettingRow) -> Self {
        Self {
            id: Gid(row.id),
            code: row.code,
            value: row.value,
            from: Date(row.from),
            to: Date::last(row.to),
            said: row.source,
            people: (row.proposed_by, row.confirmed_by),
            confirmed_at: row.confirmed_at,
            declined_by: row.declined_by,
            decline_reason: row.decline_reason,
            demo: row.demo,
            cites: row.document_id,
        }
    }
}

async fn document(cx: &Context<'_>, id: Option<DocumentId>) -> Result<Option<Document>> {
    match id {
        Some(id) => Ok(cx.loader().load_one(DocumentById(id)).await?.map(Document::from)),
        None => Ok(None),
    }
}

/// The steps of a policy in words: costs → penalty → principal.
fn steps(policy: &AllocationPolicy, language: Language) -> String {
    let word = |component: &str| messages::text(language, &format!("component.{component}"), &[]);
    let spelled = policy.to_string();
    let step = |step: &str| step.split('+').map(word).collect::<Vec<_>>().join(" + ");
    spelled.split(',').map(step).collect::<Vec<_>>().join(" → ")
}

#[ComplexObject]
impl Setting {
    /// Who proposed it, in the reader's language where it was the program itself (кто предложил).
    async fn proposed_by(&self, cx: &Context<'_>) -> String {
        messages::said(cx.language(), &self.people.0)
    }

    /// Who confirmed it, another person; nothing while it waits (кто подтвердил).
    async fn confirmed_by(&self, cx: &Context<'_>) -> Option<String> {
        self.people.1.as_deref().map(|by| messages::said(cx.language(), by))
    }

    /// What it decides, in words (название).
    async fn name(&self, cx: &Context<'_>) -> String {
        messages::text(cx.language(), &format!("setting.{}", self.code), &[])
    }

    /// Its value in words, where it is a word and not a number (значение).
    async fn value_name(&self, cx: &Context<'_>) -> String {
        if self.code == setting::MAX_AMOUNT
            && let Ok(sum) = Money::tenge(&self.value)
        {
            return ::documents::sentence::number(sum.to_decimal(), 0);
        }
        // The two usual orders have words of their own.
        if self.code.starts_with(setting::ALLOCATION_ORDER)
            && AllocationOrder::from_code(&self.value).is_none()
            && let Ok(policy) = self.value.parse::<AllocationPolicy>()
        {
            return steps(&policy, cx.language());
        }
        match messages::text(cx.language(), &format!("value.{}", self.value), &[]) {
            text if text.starts_with("value.") => self.value.clone(),
            text => text,
        }
    }

    /// Where the value comes from, in the reader's language where the program knows the words (источник).
    async fn source(&self, cx: &Context<'_>) -> String {
        messages::said(cx.language(), &self.said)
    }

    /// The official document behind it (документ).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        document(cx, self.cites).await
    }
}

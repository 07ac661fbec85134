use async_graphql::{ComplexObject, Context, SimpleObject};
use chrono::{DateTime, Utc};
use domain::access::Permission;
use domain::kernel::*;
use domain::tariffs::{Amenity, BandMode};
use entities::tariffs::setting::Setting as SettingRow;
use entities::tariffs::version;
use rust_decimal::Decimal;

use crate::archive::types::{Document, DocumentById};
use crate::platform::graphql::loaders::Loaders;
use crate::platform::graphql::*;

/// A net price of a m³ (цена за м³ без НДС).
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Price {
    /// Node id; charge lines cite it.
    pub id: Gid<TariffId>,
    /// Line of the price list (услуга).
    pub service: Service,
    /// For whom (группа потребителей).
    pub consumer_group: ConsumerGroup,
    /// Tenge per m³ without VAT, as a decimal string.
    pub net: String,
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// Where the value comes from (источник).
    pub source: String,
    /// A value of the demo: nobody published it.
    pub demo: bool,
    #[graphql(skip)]
    pub cites: Option<DocumentId>,
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
            from: Date(row.from),
            to: Date::last(row.to),
            source: row.source,
            demo: row.demo,
            cites: row.document_id,
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
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// Where the value comes from (источник).
    pub source: String,
}

impl From<version::Vat> for VatRate {
    fn from(row: version::Vat) -> Self {
        Self {
            id: Gid(row.id),
            rate: row.rate.normalize().to_string(),
            from: Date(row.from),
            to: Date::last(row.to),
            source: row.source,
        }
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
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// Where the value comes from (источник).
    pub source: String,
    /// A value of the demo: nobody published it.
    pub demo: bool,
}

impl From<version::Norm> for Norm {
    fn from(row: version::Norm) -> Self {
        Self {
            id: Gid(row.id),
            amenity: row.amenity,
            service: row.service,
            volume: row.liters,
            from: Date(row.from),
            to: Date::last(row.to),
            source: row.source,
            demo: row.demo,
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
    /// In rising order, the last one without a bound.
    pub bands: Vec<Band>,
    /// First day (с).
    pub from: Date,
    /// Last day; nothing while no end is known (по).
    pub to: Option<Date>,
    /// Where the values come from (источник).
    pub source: String,
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
            from: Date(row.from),
            to: Date::last(row.to),
            source: row.source,
        }
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
    /// Where the value comes from (источник).
    pub source: String,
    /// Who proposed it (кто предложил).
    pub proposed_by: String,
    /// Who confirmed it, another person; nothing while it waits (кто подтвердил).
    pub confirmed_by: Option<String>,
    /// When it was confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// A value of the demo, confirmed by nobody.
    pub demo: bool,
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
            source: row.source,
            proposed_by: row.proposed_by,
            confirmed_by: row.confirmed_by,
            confirmed_at: row.confirmed_at,
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

#[ComplexObject]
impl Price {
    /// The official document that sets it (документ); nothing for published values loaded as reference data.
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        document(cx, self.cites).await
    }
}

#[ComplexObject]
impl Setting {
    /// The official document behind it (документ).
    #[graphql(guard = "can(Permission::DocumentRead)")]
    async fn document(&self, cx: &Context<'_>) -> Result<Option<Document>> {
        document(cx, self.cites).await
    }
}

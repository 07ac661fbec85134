//! Dated versions of prices, VAT, norms and bands, as known now. A version that a charge line cites is never changed: what is
//! known better gets an id of its own.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use domain::tariffs::{Amenity, Band, BandMode, Bands};
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::kernel::{Db, Register, Result, Tx, sql};

/// The most rows a list of the tariff register shows: it is small by nature.
pub const MOST: i64 = 200;

/// When a version holds and why.
#[derive(Debug, Clone, PartialEq, FromQueryResult, Serialize)]
pub struct Basis {
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    pub source: String,
    pub demo: bool,
    pub document_id: Option<DocumentId>,
}

const BASIS: &str = "lower(valid) AS from, upper(valid) AS to, source, demo, document_id";

/// A table of dated versions. What a version says is its key, its value and its basis, in this order.
pub trait Version: FromQueryResult + Serialize {
    /// The word of the audit trail.
    const NAME: &'static str;
    const REGISTER: Register;
    /// Columns of key and value.
    const COLUMNS: &'static str;
    /// What stands behind the newest first.
    const ORDER: &'static str;
}

/// Declares a table of versions: its word, its key and value, and the order of its list behind the days.
macro_rules! version {
    ($type:ident, $name:literal, key: [$key:literal, $condition:literal], value: $value:literal, order: $order:literal) => {
        impl Version for $type {
            const NAME: &'static str = $name;
            const REGISTER: Register = Register {
                table: concat!("tariffs.", $name),
                key: $condition,
                says: concat!($key, $value, ", source, document_id, demo, recorded_by"),
            };
            const COLUMNS: &'static str = concat!($key, $value);
            const ORDER: &'static str = $order;
        }
    };
}

/// A price of a m³ without VAT.
#[derive(Debug, Clone, PartialEq, FromQueryResult, Serialize)]
pub struct Price {
    pub id: TariffId,
    pub service: Service,
    pub consumer_group: ConsumerGroup,
    pub net: Decimal,
    #[sea_orm(nested)]
    #[serde(flatten)]
    pub basis: Basis,
}
version!(Price, "price", key: ["service, consumer_group, ", "service = $4 AND consumer_group = $5"], value: "net",
    order: "service DESC, consumer_group");

/// A rate of value added tax.
#[derive(Debug, Clone, PartialEq, FromQueryResult, Serialize)]
pub struct Vat {
    pub id: TariffId,
    pub rate: Decimal,
    #[sea_orm(nested)]
    #[serde(flatten)]
    pub basis: Basis,
}
version!(Vat, "vat", key: ["", "true"], value: "rate", order: "id");

/// A norm per registered person and month.
#[derive(Debug, Clone, PartialEq, FromQueryResult, Serialize)]
pub struct Norm {
    pub id: TariffId,
    pub amenity: Amenity,
    pub service: Service,
    pub liters: Volume,
    #[sea_orm(nested)]
    #[serde(flatten)]
    pub basis: Basis,
}
version!(Norm, "norm", key: ["amenity, service, ", "amenity = $4 AND service = $5"], value: "liters",
    order: "amenity, service DESC");

/// A set of bands, or the word that they are suspended.
#[derive(Debug, Clone, PartialEq, FromQueryResult, Serialize)]
pub struct BandSet {
    pub id: TariffId,
    pub mode: BandMode,
    pub bands: Json,
    pub suspended: bool,
    #[sea_orm(nested)]
    #[serde(flatten)]
    pub basis: Basis,
}
version!(BandSet, "band", key: ["", "true"], value: "mode, bands, suspended", order: "id");

/// Versions in force on a day, or all that are known now; newest first.
pub async fn list<V: Version>(db: &Db, on: Option<NaiveDate>) -> Result<Vec<V>> {
    let (table, columns, order) = (V::REGISTER.table, V::COLUMNS, V::ORDER);
    sql::all(
        db,
        &format!(
            "SELECT id, {columns}, {BASIS} FROM {table}
             WHERE upper_inf(recorded) AND ($1::date IS NULL OR valid @> $1::date)
             ORDER BY lower(valid) DESC, {order} LIMIT {MOST}"
        ),
        [on.into()],
    )
    .await
}

/// One version by id.
pub async fn find<V: Version>(db: &impl ConnectionTrait, id: TariffId) -> Result<Option<V>> {
    let (table, columns) = (V::REGISTER.table, V::COLUMNS);
    sql::one(db, &format!("SELECT id, {columns}, {BASIS} FROM {table} WHERE id = $1"), [id.0.into()]).await
}

/// Records a version by the caller: what was in force on its days before ends or gives way, and stays readable as it was known.
pub async fn record<V: Version>(
    tx: &Tx,
    key: Vec<Value>,
    value: Vec<Value>,
    basis: Basis,
    at: DateTime<Utc>,
) -> Result<(TariffId, V)> {
    V::REGISTER.make_room(tx, key.clone(), basis.from, basis.to, at).await?;
    let why: [Value; 4] = [
        basis.source.into(),
        basis.document_id.map(|document| document.0).into(),
        basis.demo.into(),
        tx.actor().label.clone().into(),
    ];
    let said = key.into_iter().chain(value).chain(why);
    let id = TariffId(V::REGISTER.record(tx, said, basis.from, basis.to, at).await?);
    let version = find(tx, id).await?.ok_or(DbErr::RecordNotInserted)?;
    Ok((id, version))
}

/// The bands of the stored list; none when it is not one.
pub fn bands_of(mode: BandMode, stored: &Json) -> Option<Bands> {
    let band = |item: &Json| {
        let upto = match item.get("upto_liters")? {
            Json::Null => None,
            liters => Some(Volume::from_liters(liters.as_i64()?)),
        };
        Some(Band { upto, coefficient: item.get("coefficient")?.as_str()?.parse().ok()? })
    };
    let bands = stored.as_array()?.iter().map(band).collect::<Option<_>>()?;
    Some(Bands { mode, bands })
}

/// The list as it is stored.
pub fn stored_bands(bands: &Bands) -> Json {
    let item = |band: &Band| json!({ "upto_liters": band.upto.map(Volume::liters), "coefficient": band.coefficient.to_string() });
    bands.bands.iter().map(item).collect()
}

//! Dated versions of prices, VAT, norms and bands, as known now. A version that a charge line cites is never changed: what is
//! known better gets an id of its own.

use chrono::NaiveDate;
use domain::kernel::*;
use domain::tariffs::{Amenity, Band, BandMode, Bands, TariffKind};
use rust_decimal::Decimal;
use sea_orm::{FromQueryResult, Value};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::kernel::{Db, Register, Result, sql};

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
    /// Who proposed it.
    pub recorded_by: String,
    /// Another person; nobody while it waits, and of published values loaded as reference data.
    pub confirmed_by: Option<String>,
}

pub(super) const BASIS: &str =
    "lower(valid) AS from, upper(valid) AS to, source, demo, document_id, recorded_by, confirmed_by";

/// A table of dated versions. What a version says is its key, its value and its basis, in this order.
pub trait Version: FromQueryResult + Serialize {
    const KIND: TariffKind;
    /// The word of the audit trail.
    const NAME: &'static str;
    const REGISTER: Register;
    /// Columns of the key, each with a comma behind it.
    const KEY: &'static str;
    /// Joins what has the same columns of the key.
    const SAME_KEY: &'static str;
    /// Columns of key and value.
    const COLUMNS: &'static str;
    /// What stands behind the newest first.
    const ORDER: &'static str;

    /// Values of the key, in the order of its columns.
    fn key(&self) -> Vec<Value>;
    fn basis(&self) -> &Basis;
}

/// Declares a table of versions: its kind and word, its key and value, and the order of its list behind the days.
macro_rules! version {
    ($type:ident, $kind:ident, $name:literal, key: [$key:literal, $condition:literal, $same:literal, $($column:ident),*],
     value: $value:literal, order: $order:literal) => {
        impl Version for $type {
            const KIND: TariffKind = TariffKind::$kind;
            const NAME: &'static str = $name;
            const REGISTER: Register = Register {
                table: concat!("tariffs.", $name),
                key: $condition,
                says: concat!($key, $value, ", source, document_id, demo, recorded_by, confirmed_by"),
            };
            const KEY: &'static str = $key;
            const SAME_KEY: &'static str = $same;
            const COLUMNS: &'static str = concat!($key, $value);
            const ORDER: &'static str = $order;

            fn key(&self) -> Vec<Value> {
                vec![$(self.$column.code().into()),*]
            }

            fn basis(&self) -> &Basis {
                &self.basis
            }
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
version!(Price, Price, "price",
    key: ["service, consumer_group, ", "service = $4 AND consumer_group = $5", "USING (service, consumer_group)", service, consumer_group],
    value: "net", order: "service DESC, consumer_group");

/// A rate of value added tax.
#[derive(Debug, Clone, PartialEq, FromQueryResult, Serialize)]
pub struct Vat {
    pub id: TariffId,
    pub rate: Decimal,
    #[sea_orm(nested)]
    #[serde(flatten)]
    pub basis: Basis,
}
version!(Vat, Vat, "vat", key: ["", "true", "ON true",], value: "rate", order: "id");

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
version!(Norm, Norm, "norm",
    key: ["amenity, service, ", "amenity = $4 AND service = $5", "USING (amenity, service)", amenity, service],
    value: "liters", order: "amenity, service DESC");

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
version!(BandSet, Bands, "band", key: ["", "true", "ON true",], value: "mode, bands, suspended", order: "id");

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

//! Dated versions of prices, VAT, norms and bands, as known now. A version that a charge line cites is never changed: what is
//! known better gets an id of its own.

use chrono::NaiveDate;
use domain::kernel::*;
use domain::tariffs::{Amenity, Band, BandMode, Bands};
use rust_decimal::Decimal;
use sea_orm::FromQueryResult;
use serde_json::{Value as Json, json};

use crate::kernel::{Db, Register, Result, sql};
use sea_orm::ConnectionTrait;

/// The most rows a list of the tariff register shows: it is small by nature.
pub const MOST: i64 = 200;

pub const PRICES: Register = Register {
    table: "tariffs.price",
    key: "service = $4 AND consumer_group = $5",
    says: "service, consumer_group, net, source, document_id, demo, recorded_by",
};

pub const NORMS: Register = Register {
    table: "tariffs.norm",
    key: "amenity = $4 AND service = $5",
    says: "amenity, service, liters, source, document_id, demo, recorded_by",
};

/// A price of a m³ without VAT.
#[derive(Debug, Clone, PartialEq, FromQueryResult, serde::Serialize)]
pub struct Price {
    pub id: TariffId,
    pub service: Service,
    pub consumer_group: ConsumerGroup,
    pub net: Decimal,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    pub source: String,
    pub demo: bool,
    pub document_id: Option<DocumentId>,
}

/// A rate of value added tax.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct Vat {
    pub id: TariffId,
    pub rate: Decimal,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub source: String,
}

/// A norm per registered person and month.
#[derive(Debug, Clone, PartialEq, FromQueryResult, serde::Serialize)]
pub struct Norm {
    pub id: TariffId,
    pub amenity: Amenity,
    pub service: Service,
    pub liters: Volume,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub source: String,
    pub demo: bool,
    pub document_id: Option<DocumentId>,
}

/// A set of bands.
#[derive(Debug, Clone, PartialEq, FromQueryResult)]
pub struct BandSet {
    pub id: TariffId,
    pub mode: BandMode,
    pub bands: Json,
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    pub source: String,
}

const PRICE: &str =
    "id, service, consumer_group, net, lower(valid) AS from, upper(valid) AS to, source, demo, document_id";
const NORM: &str =
    "id, amenity, service, liters, lower(valid) AS from, upper(valid) AS to, source, demo, document_id";

/// Prices in force on a day, or all of them; newest first.
pub async fn prices(db: &Db, on: Option<NaiveDate>) -> Result<Vec<Price>> {
    sql::all(
        db,
        &format!(
            "SELECT {PRICE} FROM tariffs.price
             WHERE upper_inf(recorded) AND ($1::date IS NULL OR valid @> $1::date)
             ORDER BY lower(valid) DESC, service DESC, consumer_group LIMIT {MOST}"
        ),
        [on.into()],
    )
    .await
}

/// VAT rates, newest first.
pub async fn vat_rates(db: &Db) -> Result<Vec<Vat>> {
    sql::all(
        db,
        &format!(
            "SELECT id, rate, lower(valid) AS from, upper(valid) AS to, source FROM tariffs.vat
             WHERE upper_inf(recorded) ORDER BY lower(valid) DESC LIMIT {MOST}"
        ),
        [],
    )
    .await
}

/// Norms in force on a day, or all of them; newest first.
pub async fn norms(db: &Db, on: Option<NaiveDate>) -> Result<Vec<Norm>> {
    sql::all(
        db,
        &format!(
            "SELECT {NORM} FROM tariffs.norm
             WHERE upper_inf(recorded) AND ($1::date IS NULL OR valid @> $1::date)
             ORDER BY lower(valid) DESC, amenity, service DESC LIMIT {MOST}"
        ),
        [on.into()],
    )
    .await
}

/// Sets of bands, newest first.
pub async fn band_sets(db: &Db) -> Result<Vec<BandSet>> {
    sql::all(
        db,
        &format!(
            "SELECT id, mode, bands, lower(valid) AS from, upper(valid) AS to, source FROM tariffs.band
             WHERE upper_inf(recorded) ORDER BY lower(valid) DESC LIMIT {MOST}"
        ),
        [],
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

/// One price by id.
pub async fn price(db: &impl ConnectionTrait, id: TariffId) -> Result<Option<Price>> {
    sql::one(db, &format!("SELECT {PRICE} FROM tariffs.price WHERE id = $1"), [id.0.into()]).await
}

/// One norm by id.
pub async fn norm(db: &impl ConnectionTrait, id: TariffId) -> Result<Option<Norm>> {
    sql::one(db, &format!("SELECT {NORM} FROM tariffs.norm WHERE id = $1"), [id.0.into()]).await
}

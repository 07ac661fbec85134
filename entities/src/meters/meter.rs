use chrono::NaiveDate;
use domain::access::Scope;
use domain::kernel::{MeterId, MeterModelId, PointId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, sql};

/// A meter with its last stay at a point and its verification, as known now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct Meter {
    pub id: MeterId,
    pub model_id: MeterModelId,
    pub serial: String,
    pub hot: bool,
    pub version: i32,
    /// The point of the last stay; none for a meter that never stood anywhere.
    pub point_id: Option<PointId>,
    pub installed_on: Option<NaiveDate>,
    /// First day it no longer stood there.
    pub removed_on: Option<NaiveDate>,
    /// First day on which it no longer counts as verified.
    pub verified_until: Option<NaiveDate>,
}

const COLUMNS: &str = "m.id, m.model_id, m.serial, m.hot, m.version, i.point_id, \
     lower(i.valid) AS installed_on, upper(i.valid) AS removed_on, v.valid_until AS verified_until";
const STAY: &str = "LEFT JOIN LATERAL (
     SELECT point_id, valid FROM meters.installation i WHERE i.meter_id = m.id AND upper_inf(i.recorded)
     ORDER BY lower(i.valid) DESC LIMIT 1) i ON true";
const VERIFIED: &str = "LEFT JOIN LATERAL (
     SELECT valid_until FROM meters.verification v WHERE v.meter_id = m.id AND upper_inf(v.recorded)
     ORDER BY v.valid_until DESC LIMIT 1) v ON true";

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<MeterId>) -> Result<Vec<Meter>> {
    sql::all(
        db,
        &format!("SELECT {COLUMNS} FROM meters.meter m {STAY} {VERIFIED} WHERE m.id = ANY ($1)"),
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// The meters that stand at points on a day.
pub async fn at_points(db: &impl ConnectionTrait, day: NaiveDate, ids: Vec<PointId>) -> Result<Vec<Meter>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM meters.installation i JOIN meters.meter m ON m.id = i.meter_id {VERIFIED}
             WHERE i.point_id = ANY ($2) AND i.valid @> $1::date AND upper_inf(i.recorded)"
        ),
        [day.into(), ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// The condition that a meter `m` with its last stay `i` is the scope's: it stood at a point of an account of the scope, or
/// stands nowhere and the scope is the city.
fn in_scope() -> String {
    format!(
        "(($1::text[] IS NULL AND $2::bigint[] IS NULL AND $3::bigint[] IS NULL) OR EXISTS (
             SELECT FROM subscribers.account_point o JOIN subscribers.account a ON a.id = o.account_id
             WHERE o.point_id = i.point_id AND upper_inf(o.recorded) AND {}))",
        ScopeArgs::WHERE
    )
}

/// Meters of the scope by id, by the beginning of the serial number.
pub async fn list(db: &Db, scope: &Scope, serial: Option<String>, page: Page) -> Result<Slice<Meter>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let prefix = serial.map(|s| s.trim().replace(['%', '_', '\\'], "") + "%");
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM meters.meter m {STAY} {VERIFIED}
             WHERE {} AND ($4::text IS NULL OR m.serial LIKE $4) AND ($5::bigint IS NULL OR m.id > $5)
             ORDER BY m.id LIMIT $6",
            in_scope()
        ),
        [sectors, districts, accounts, prefix.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// One meter of the scope.
pub async fn find(db: &impl ConnectionTrait, scope: &Scope, id: MeterId) -> Result<Option<Meter>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::one(
        db,
        &format!("SELECT {COLUMNS} FROM meters.meter m {STAY} {VERIFIED} WHERE {} AND m.id = $4", in_scope()),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

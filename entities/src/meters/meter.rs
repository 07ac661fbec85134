use chrono::NaiveDate;
use domain::access::Scope;
use domain::kernel::{DocumentId, MeterId, MeterModelId, PointId};
use domain::meters::RemovalReason;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Register, Result, ScopeArgs, Slice, Tx, sql};

pub const INSTALLATIONS: Register = Register {
    table: "meters.installation",
    key: "meter_id = $4",
    says: "meter_id, point_id, recorded_by, seal, document_id, removal",
};

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
    /// Why, as a code of `RemovalReason`; none where nobody said.
    pub removal: Option<String>,
    /// First day on which it no longer counts as verified.
    pub verified_until: Option<NaiveDate>,
}

const COLUMNS: &str = "m.id, m.model_id, m.serial, m.hot, m.version, i.point_id, \
     lower(i.valid) AS installed_on, upper(i.valid) AS removed_on, i.removal, v.valid_until AS verified_until";
const STAY: &str = "LEFT JOIN LATERAL (
     SELECT point_id, valid, removal FROM meters.installation i WHERE i.meter_id = m.id AND upper_inf(i.recorded)
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

/// The meters that were taken off at points for repair or verification, where none stands there on a day.
pub async fn away_from(db: &impl ConnectionTrait, day: NaiveDate, ids: Vec<PointId>) -> Result<Vec<Meter>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM (
                 SELECT DISTINCT ON (i.point_id) i.* FROM meters.installation i
                 WHERE i.point_id = ANY ($2) AND upper_inf(i.recorded) AND lower(i.valid) <= $1::date
                 ORDER BY i.point_id, lower(i.valid) DESC) i
             JOIN meters.meter m ON m.id = i.meter_id {VERIFIED}
             WHERE i.removal IN ('verification', 'fault') AND upper(i.valid) <= $1::date"
        ),
        [day.into(), ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// The condition that a meter `m` with its last stay `i` is the scope's: it stood at a point of an account of the scope; at a
/// point that nobody pays for, as a house meter does, in a district of the scope; or nowhere, and the scope is the city.
fn in_scope() -> String {
    format!(
        "(($1::text[] IS NULL AND $2::bigint[] IS NULL AND $3::bigint[] IS NULL) OR EXISTS (
             SELECT FROM subscribers.account_point o JOIN subscribers.account a ON a.id = o.account_id
             WHERE o.point_id = i.point_id AND upper_inf(o.recorded) AND {})
          OR ($3::bigint[] IS NULL AND EXISTS (
             SELECT FROM premises.point p JOIN premises.building b ON b.id = p.building_id
             WHERE p.id = i.point_id AND ($2::bigint[] IS NULL OR b.district_id = ANY ($2)))
             AND NOT EXISTS (SELECT FROM subscribers.account_point o WHERE o.point_id = i.point_id)))",
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

/// The meter of a model and serial number, written if it is new, and locked.
pub async fn keep(tx: &Tx, model: MeterModelId, serial: &str, hot: bool) -> Result<Meter> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO meters.meter (model_id, serial, hot) VALUES ($1, $2, $3)
         ON CONFLICT (model_id, serial) DO UPDATE SET version = meter.version + 1 RETURNING id",
        [model.0.into(), serial.into(), hot.into()],
    )
    .await?;
    let id = MeterId(id.ok_or(sea_orm::DbErr::RecordNotInserted)?);
    by_ids(tx, vec![id]).await?.pop().ok_or(sea_orm::DbErr::RecordNotInserted)
}

/// Locks a meter and gives it the next version.
pub async fn touch(tx: &Tx, id: MeterId) -> Result<()> {
    sql::run(tx, "UPDATE meters.meter SET version = version + 1 WHERE id = $1", [id.0.into()]).await?;
    Ok(())
}

/// Records a verification: the meter counts on the days before `until`.
pub async fn verified(
    tx: &Tx,
    id: MeterId,
    on: NaiveDate,
    until: NaiveDate,
    document: Option<DocumentId>,
) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO meters.verification (meter_id, verified_on, valid_until, recorded_by, document_id)
         VALUES ($1, $2, $3, $4, $5)",
        [id.0.into(), on.into(), until.into(), tx.actor().label.clone().into(), document.map(|d| d.0).into()],
    )
    .await?;
    Ok(())
}

/// Ends on a day what is known of a meter's verification: it was found unfit. How many versions it touched.
pub async fn unfit(
    tx: &Tx,
    id: MeterId,
    on: NaiveDate,
    document: Option<DocumentId>,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<u64> {
    sql::run(
        tx,
        "WITH known AS (
             UPDATE meters.verification SET recorded = tstzrange(lower(recorded), $3)
             WHERE meter_id = $1 AND upper_inf(recorded) AND verified_on < $2::date AND valid_until > $2::date
             RETURNING meter_id, verified_on, document_id, import_batch_id)
         INSERT INTO meters.verification (meter_id, verified_on, valid_until, document_id, import_batch_id, unfit, unfit_document_id,
             recorded, recorded_by)
         SELECT meter_id, verified_on, $2::date, document_id, import_batch_id, true, $4::bigint, tstzrange($3, NULL), $5::text FROM known",
        [
            id.0.into(),
            on.into(),
            at.into(),
            document.map(|d| d.0).into(),
            tx.actor().label.clone().into(),
        ],
    )
    .await
}

/// Whether a meter is known to have been verified on a day or later.
pub async fn verified_since(tx: &Tx, id: MeterId, on: NaiveDate) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        tx,
        "SELECT EXISTS (SELECT FROM meters.verification
                        WHERE meter_id = $1 AND upper_inf(recorded) AND verified_on >= $2::date AND valid_until > $2::date)",
        [id.0.into(), on.into()],
    )
    .await?;
    Ok(found.unwrap_or(false))
}

/// Says why a meter was taken off and by which document, in the version that the removal recorded.
pub async fn removed(
    tx: &Tx,
    id: MeterId,
    reason: RemovalReason,
    document: Option<i64>,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<()> {
    sql::run(
        tx,
        "UPDATE meters.installation SET removal = $5, document_id = coalesce($2, document_id), recorded_by = $4
         WHERE meter_id = $1 AND lower(recorded) = $3",
        [
            id.0.into(),
            document.into(),
            at.into(),
            tx.actor().label.clone().into(),
            reason.code().into(),
        ],
    )
    .await?;
    Ok(())
}

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::{AccountId, BuildingId, DocumentId, PointId, PremiseId};
use domain::tariffs::Amenity;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};

use super::premise;
use crate::kernel::{Broken, Db, Register, Result, Tx, sql};

/// The most points one account or premise shows.
pub const MAX_POINTS: i64 = 50;

pub const SUPPLIES: Register = Register {
    table: "premises.point_service",
    key: "point_id = $4",
    says: "point_id, water, sewerage, amenity, document_id, recorded_by",
};

/// A point of supply with what is supplied there on a day.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Point {
    pub id: PointId,
    pub building_id: BuildingId,
    /// None at the house meter's place.
    pub premise_id: Option<PremiseId>,
    pub hot: bool,
    pub water: bool,
    pub sewerage: bool,
    pub amenity: Amenity,
    /// First day of what is said here; none of a point that nothing was ever said of.
    pub supplied_since: Option<NaiveDate>,
}

/// Columns of a [`Point`] `p` on the day `$1`: where no version covers the day, the last one known tells.
const COLUMNS: &str = "p.id, p.building_id, p.premise_id, p.hot,
     coalesce(s.water, false) AS water, coalesce(s.sewerage, false) AS sewerage, coalesce(s.amenity, 'household') AS amenity,
     s.since AS supplied_since";
const SERVICE: &str = "LEFT JOIN LATERAL (
     SELECT water, sewerage, amenity, lower(s.valid) AS since FROM premises.point_service s
     WHERE s.point_id = p.id AND upper_inf(s.recorded) ORDER BY s.valid @> $1::date DESC, lower(s.valid) DESC LIMIT 1) s ON true";

#[derive(FromQueryResult)]
struct OfAccount {
    account_id: AccountId,
    #[sea_orm(nested)]
    point: Point,
}

/// Points that each account pays for on a day.
pub async fn of_accounts(db: &Db, day: NaiveDate, ids: Vec<AccountId>) -> Result<Vec<(AccountId, Point)>> {
    let rows: Vec<OfAccount> = sql::all(
        db,
        &format!(
            "SELECT o.account_id, {COLUMNS} FROM unnest($2::bigint[]) AS wanted (id)
             CROSS JOIN LATERAL (
                 SELECT account_id, point_id FROM subscribers.account_point
                 WHERE account_id = wanted.id AND valid @> $1::date AND upper_inf(recorded)
                 ORDER BY point_id LIMIT {MAX_POINTS}) o
             JOIN premises.point p ON p.id = o.point_id {SERVICE} ORDER BY p.id"
        ),
        [day.into(), ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.account_id, row.point)).collect())
}

/// Points of each premise.
pub async fn of_premises(
    db: &impl ConnectionTrait,
    day: NaiveDate,
    ids: Vec<PremiseId>,
) -> Result<Vec<Point>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM unnest($2::bigint[]) AS wanted (id)
             CROSS JOIN LATERAL (
                 SELECT * FROM premises.point WHERE premise_id = wanted.id ORDER BY id LIMIT {MAX_POINTS}) p
             {SERVICE} ORDER BY p.id"
        ),
        [day.into(), ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// Points by id.
pub async fn by_ids(db: &impl ConnectionTrait, day: NaiveDate, ids: Vec<PointId>) -> Result<Vec<Point>> {
    let ids: Value = ids.iter().map(|id| id.0).collect::<Vec<_>>().into();
    sql::all(
        db,
        &format!("SELECT {COLUMNS} FROM premises.point p {SERVICE} WHERE p.id = ANY ($2)"),
        [day.into(), ids],
    )
    .await
}

/// Locks a point against other acts at it until the end of the transaction; the same row that readings lock.
pub async fn lock(tx: &Tx, id: PointId) -> Result<()> {
    sql::run(tx, "SELECT FROM premises.point WHERE id = $1 FOR NO KEY UPDATE", [id.0.into()]).await?;
    Ok(())
}

/// A further inlet of a premise; what it is supplied with is said by [`supply`].
pub async fn add(tx: &Tx, premise: &premise::Model, hot: bool) -> Result<PointId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO premises.point (building_id, premise_id, hot) VALUES ($1, $2, $3) RETURNING id",
        [premise.building_id.0.into(), premise.id.0.into(), hot.into()],
    )
    .await?;
    id.map(PointId).ok_or(Broken::RecordNotInserted)
}

/// Records what a point is supplied with on the days from..to: water, sewerage, amenity.
pub async fn supply(
    tx: &Tx,
    id: PointId,
    (water, sewerage, amenity): (bool, bool, Amenity),
    (from, to): (NaiveDate, Option<NaiveDate>),
    document: DocumentId,
    at: DateTime<Utc>,
) -> Result<()> {
    SUPPLIES.make_room(tx, [id.0.into()], from, to, at).await?;
    let by = tx.actor().label.clone();
    let said =
        [id.0.into(), water.into(), sewerage.into(), amenity.code().into(), document.0.into(), by.into()];
    SUPPLIES.record(tx, said, from, to, at).await?;
    Ok(())
}

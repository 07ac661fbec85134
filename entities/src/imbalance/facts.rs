//! The facts of houses, for any number of them by one statement each.

use chrono::{DateTime, NaiveDate, Utc};
use domain::consumption::ReadingRef;
use domain::imbalance::{Decision, DecisionKind, Inlet, Usual};
use domain::kernel::*;
use domain::tariffs::ImbalanceMethod;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, sql};

/// A house with a meter in a month.
#[derive(Debug, Clone, FromQueryResult)]
pub struct House {
    pub building_id: BuildingId,
    pub district_id: i64,
    /// It heats its own water.
    pub heats: bool,
    pub carried_in: Volume,
    /// The month before was compared with nothing.
    pub begins: bool,
    corrected: Volume,
    corrected_hot: Volume,
    /// One account pays for all of it in this month.
    pub in_bulk: bool,
    usual: Option<Volume>,
    usual_days: Option<i64>,
    pub decision_id: Option<i64>,
    decision: Option<DecisionKind>,
    decision_method: Option<ImbalanceMethod>,
}

impl House {
    /// What recalculations since the reckoning before changed of water that earlier months were compared with.
    pub fn corrected(&self) -> Volume {
        self.corrected + if self.heats { self.corrected_hot } else { Volume::ZERO }
    }

    /// What its meter showed in its last three months.
    pub fn usual(&self) -> Option<Usual> {
        Some(Usual { volume: self.usual?, days: self.usual_days? })
    }

    pub fn decision(&self) -> Option<Decision> {
        Some(match self.decision? {
            DecisionKind::Distribute => Decision::Distribute(self.decision_method?),
            DecisionKind::Hold => Decision::Hold,
            DecisionKind::Carry => Decision::Carry,
            DecisionKind::Zero => Decision::Zero,
        })
    }
}

fn span(period: Period) -> [sea_orm::Value; 2] {
    [period.first_day().into(), period.next().first_day().into()]
}

/// Houses that have a meter on some day of the month, by id; all of them or some.
pub async fn houses(
    db: &impl ConnectionTrait,
    period: Period,
    known_at: DateTime<Utc>,
    buildings: Option<Vec<i64>>,
) -> Result<Vec<House>> {
    let [from, to] = span(period);
    sql::all(db, include_str!("sql/houses.sql"), [from, to, known_at.into(), buildings.into()]).await
}

#[derive(FromQueryResult)]
struct InletRow {
    building_id: BuildingId,
    point_id: PointId,
    meter_id: MeterId,
    digits: i32,
    from_day: NaiveDate,
    to_day: Option<NaiveDate>,
    verified_until: NaiveDate,
    prev_id: Option<ReadingId>,
    prev_day: Option<NaiveDate>,
    prev_liters: Option<Volume>,
    last_id: Option<ReadingId>,
    last_day: Option<NaiveDate>,
    last_liters: Option<Volume>,
}

/// The meters of houses with the readings they are reckoned between; with a day (`upto`) as if none had come that was taken later.
pub async fn inlets(
    db: &impl ConnectionTrait,
    period: Period,
    known_at: DateTime<Utc>,
    buildings: Vec<i64>,
    upto: Option<NaiveDate>,
) -> Result<Vec<(BuildingId, Inlet)>> {
    let [from, to] = span(period);
    let values = [from, to, known_at.into(), buildings.into(), upto.into()];
    let rows: Vec<InletRow> = sql::all(db, include_str!("sql/inlets.sql"), values).await?;
    let reading = |id: Option<ReadingId>, day: Option<NaiveDate>, value: Option<Volume>| {
        Some(ReadingRef { id: id?, day: day?, value: value? })
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let inlet = Inlet {
                point: row.point_id,
                meter: row.meter_id,
                digits: u8::try_from(row.digits).unwrap_or(5),
                from: row.from_day,
                to: row.to_day,
                verified_until: row.verified_until,
                prev: reading(row.prev_id, row.prev_day, row.prev_liters),
                last: reading(row.last_id, row.last_day, row.last_liters),
            };
            (row.building_id, inlet)
        })
        .collect())
}

/// An account in a house.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Resident {
    pub building_id: BuildingId,
    pub account_id: AccountId,
    pub sector: Sector,
    pub area_dm2: Option<i32>,
    pub excluded: bool,
    /// A legal entity on the list of the condominium.
    pub member: bool,
}

/// Accounts of flats and of legal entities that are open on some day of the month, by building and account.
pub async fn residents(
    db: &impl ConnectionTrait,
    period: Period,
    known_at: DateTime<Utc>,
    buildings: Vec<i64>,
) -> Result<Vec<Resident>> {
    let [from, to] = span(period);
    sql::all(
        db,
        "SELECT a.building_id, a.id AS account_id, a.sector,
                -- The area as it was known then: what the first act after that moment found.
                CASE WHEN s.premise_id IS NULL THEN p.area_dm2 ELSE s.before_dm2 END AS area_dm2,
                EXISTS (SELECT FROM imbalance.exclusion x
                        WHERE x.account_id = a.id AND x.recorded @> $3::timestamptz AND x.valid && daterange($1, $2))
                    -- Whoever got the final bill is counted and bears nothing: there is no later bill to put it on.
                    OR coalesce(a.final_upto > $1 AND a.final_upto <= $2, false) AS excluded,
                EXISTS (SELECT FROM imbalance.member x
                        WHERE x.account_id = a.id AND x.recorded @> $3::timestamptz AND x.valid && daterange($1, $2)) AS member
         FROM subscribers.account a JOIN premises.premise p ON p.id = a.premise_id
         LEFT JOIN (
             SELECT DISTINCT ON (x.premise_id) x.premise_id, x.before_dm2 FROM premises.area_set x
             WHERE x.recorded_at > $3::timestamptz ORDER BY x.premise_id, x.recorded_at, x.id) s ON s.premise_id = p.id
         WHERE a.building_id = ANY ($4) AND a.sector IN ('multi', 'legal')
           AND a.opened_on < $2 AND (a.closed_on IS NULL OR a.closed_on > $1)
         ORDER BY a.building_id, a.id",
        [from, to, known_at.into(), buildings.into()],
    )
    .await
}

/// A point of a legal entity in another house than its account's.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Elsewhere {
    /// Where the point is.
    pub building_id: BuildingId,
    pub account_id: AccountId,
    pub point_id: PointId,
}

/// All of them that are held on some day of the month, by building and account. Households take no points of other houses, so only legal
/// entities are looked at, once for all houses.
pub async fn elsewhere(
    db: &impl ConnectionTrait,
    period: Period,
    known_at: DateTime<Utc>,
) -> Result<Vec<Elsewhere>> {
    let [from, to] = span(period);
    sql::all(
        db,
        "SELECT DISTINCT p.building_id, a.id AS account_id, p.id AS point_id
         FROM subscribers.account a
         JOIN subscribers.account_point ap
           ON ap.account_id = a.id AND ap.recorded @> $3::timestamptz AND ap.valid && daterange($1, $2)
         JOIN premises.point p ON p.id = ap.point_id AND p.building_id <> a.building_id
         WHERE a.sector = 'legal' AND a.opened_on < $2 AND (a.closed_on IS NULL OR a.closed_on > $1)
         ORDER BY 1, 2, 3",
        [from, to, known_at.into()],
    )
    .await
}

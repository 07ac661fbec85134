//! What a final bill asks of the meters.

use chrono::NaiveDate;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, sql};

/// Points at which a meter stands on a day.
pub async fn metered(db: &impl ConnectionTrait, points: &[PointId], day: NaiveDate) -> Result<Vec<PointId>> {
    #[derive(FromQueryResult)]
    struct Row {
        point_id: PointId,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT DISTINCT point_id FROM meters.installation
         WHERE point_id = ANY ($1) AND valid @> $2::date AND upper_inf(recorded) ORDER BY point_id",
        [points.iter().map(|point| point.0).collect::<Vec<_>>().into(), day.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.point_id).collect())
}

/// The reading that somebody left behind.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Left {
    pub point_id: PointId,
    pub meter_id: MeterId,
    pub taken_on: NaiveDate,
    pub liters: Volume,
}

/// What meters showed on the last day of the account that paid for their points before a day: it was closed then, or gave the point
/// back. Where it left without a reading there is none: its last one is not where the next account begins.
pub async fn left_at(db: &impl ConnectionTrait, points: &[PointId], day: NaiveDate) -> Result<Vec<Left>> {
    sql::all(
        db,
        "SELECT DISTINCT ON (r.point_id) r.point_id, r.meter_id, r.taken_on, r.liters
         FROM readings.reading r
         JOIN subscribers.account a ON a.id = r.account_id
         JOIN meters.installation i ON i.point_id = r.point_id AND i.meter_id = r.meter_id AND upper_inf(i.recorded)
              AND i.valid @> $2::date
         WHERE r.point_id = ANY ($1) AND r.verdict = 'accepted' AND r.taken_on < $2
           AND (a.closed_on = r.taken_on + 1 OR EXISTS (
               SELECT FROM subscribers.account_point ap
               WHERE ap.account_id = r.account_id AND ap.point_id = r.point_id AND upper_inf(ap.recorded)
                 AND upper(ap.valid) = r.taken_on + 1))
         ORDER BY r.point_id, r.taken_on DESC, r.id DESC",
        [points.iter().map(|point| point.0).collect::<Vec<_>>().into(), day.into()],
    )
    .await
}

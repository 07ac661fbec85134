//! Shares of accounts, as they were written.

use chrono::NaiveDate;
use domain::imbalance::Share;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, sql};

/// One row of `imbalance.share`.
#[derive(Debug, Clone, FromQueryResult)]
pub struct ShareRow {
    pub account_id: AccountId,
    pub reckoning_id: i64,
    pub building_id: BuildingId,
    pub point_id: PointId,
    pub meter_id: Option<MeterId>,
    pub reading_prev: Option<ReadingId>,
    pub reading_last: Option<ReadingId>,
    pub from_day: NaiveDate,
    pub to_day: NaiveDate,
    pub liters: Volume,
    pub whole: Volume,
    pub weight: i64,
    pub weights: i64,
}

const COLUMNS: &str = "account_id, reckoning_id, building_id, point_id, meter_id, reading_prev, reading_last, from_day, to_day, \
     liters, whole, weight, weights";

impl ShareRow {
    pub fn share(&self) -> Share {
        Share {
            building: self.building_id,
            point: self.point_id,
            meter: self.meter_id,
            reading_prev: self.reading_prev,
            reading_last: self.reading_last,
            from: self.from_day,
            to: self.to_day,
            volume: self.liters,
            whole: self.whole,
            weight: self.weight.unsigned_abs(),
            weights: self.weights.unsigned_abs(),
        }
    }
}

/// The shares of the accounts `range` in a reckoning, by account.
pub async fn shares_in(
    db: &impl ConnectionTrait,
    period: Period,
    reckoning: ReckoningId,
    range: std::ops::Range<i64>,
) -> Result<Vec<(AccountId, Share)>> {
    let rows: Vec<ShareRow> = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM imbalance.share
             WHERE period = $1 AND reckoning_id = $2 AND account_id >= $3 AND account_id < $4 ORDER BY account_id, building_id"
        ),
        [period.first_day().into(), reckoning.0.into(), range.start.into(), range.end.into()],
    )
    .await?;
    Ok(rows.iter().map(|row| (row.account_id, row.share())).collect())
}

/// The same of some accounts.
pub async fn shares_of(
    db: &impl ConnectionTrait,
    period: Period,
    reckoning: ReckoningId,
    accounts: &[AccountId],
) -> Result<Vec<(AccountId, Share)>> {
    let ids: Vec<i64> = accounts.iter().map(|id| id.0).collect();
    let rows: Vec<ShareRow> = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM imbalance.share
             WHERE period = $1 AND reckoning_id = $2 AND account_id = ANY ($3) ORDER BY account_id, building_id"
        ),
        [period.first_day().into(), reckoning.0.into(), ids.into()],
    )
    .await?;
    Ok(rows.iter().map(|row| (row.account_id, row.share())).collect())
}

/// A share of an account's bill beside the figures of its house.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Told {
    pub run_id: i64,
    #[sea_orm(nested)]
    pub share: ShareRow,
    #[sea_orm(nested)]
    pub house: super::house::HouseRow,
}

/// What the bills of accounts, months and runs say of their houses.
pub async fn told(db: &impl ConnectionTrait, bills: &[(AccountId, Period, RunId)]) -> Result<Vec<Told>> {
    sql::all(
        db,
        &format!(
            "SELECT s.period, q.run_id, s.account_id, s.reckoning_id, s.building_id, s.point_id, s.meter_id, s.reading_prev,
                    s.reading_last, s.from_day, s.to_day, s.liters, s.whole, s.weight, s.weights, {}
             FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS q (account_id, period, run_id)
             JOIN imbalance.reckoning k ON k.purpose = 'run' AND k.purpose_id = q.run_id AND k.done_at IS NOT NULL
             JOIN imbalance.share s ON s.account_id = q.account_id AND s.period = q.period AND s.reckoning_id = k.id
             JOIN imbalance.house h ON h.reckoning_id = k.id AND h.building_id = s.building_id",
            super::house::COLUMNS
                .split(", ")
                .filter(|column| !matches!(*column, "h.reckoning_id" | "h.building_id" | "h.period" | "h.from_day" | "h.to_day"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
        [
            bills.iter().map(|(account, ..)| account.0).collect::<Vec<_>>().into(),
            bills.iter().map(|(_, period, _)| period.first_day()).collect::<Vec<_>>().into(),
            bills.iter().map(|(.., run)| run.0).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

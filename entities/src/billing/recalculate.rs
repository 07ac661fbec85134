//! What a recalculation reads besides the facts of a run: how months were billed and what they handed on.

use chrono::NaiveDate;
use domain::billing::Carried;
use domain::consumption::{Basis, ReadingRef};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Result, sql};

/// The issued run of a month and sector, or of an account's final bill or one that came late.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Issued {
    pub id: i64,
    pub period: NaiveDate,
    pub sector: String,
    pub account_id: Option<i64>,
}

/// Issued runs of the months from..=to and of the one after.
pub async fn issued(db: &impl ConnectionTrait, from: Period, to: Period) -> Result<Vec<Issued>> {
    sql::all(
        db,
        "SELECT id, period, sector, account_id FROM billing.run
         WHERE state = 'issued' AND NOT late AND period BETWEEN $1 AND $2
         UNION ALL
         SELECT r.id, r.period, r.sector, b.account_id
         FROM billing.run r
         CROSS JOIN LATERAL (SELECT account_id FROM billing.bill WHERE run_id = r.id AND period = r.period OFFSET 0) b
         WHERE r.state = 'issued' AND r.late AND r.period BETWEEN $1 AND $2",
        [from.first_day().into(), to.next().first_day().into()],
    )
    .await
}

/// A month of an account as its run saw it.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Billed {
    pub account_id: i64,
    pub period: NaiveDate,
    pub consumer_group: String,
}

/// The group of consumers that accounts were billed in on the first days of months that no document dated then; it holds on all days
/// that none dates.
pub async fn groups(db: &impl ConnectionTrait, months: &[(i64, NaiveDate, i64)]) -> Result<Vec<Billed>> {
    sql::all(
        db,
        "SELECT DISTINCT i.account_id, i.period, i.consumer_group
         FROM unnest($1::bigint[], $2::date[], $3::bigint[]) AS k (account_id, period, run_id)
         JOIN billing.run_input i ON i.account_id = k.account_id AND i.period = k.period AND i.run_id = k.run_id
         WHERE i.group_code IS NULL OR (i.group_from[1] IS NULL AND coalesce(i.group_to[1] > i.period, true))",
        [
            months.iter().map(|m| m.0).collect::<Vec<_>>().into(),
            months.iter().map(|m| m.1).collect::<Vec<_>>().into(),
            months.iter().map(|m| m.2).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

#[derive(FromQueryResult)]
struct ChainRow {
    account_id: i64,
    period: NaiveDate,
    point_id: i64,
    liters: i64,
    basis: String,
    meter_id: Option<i64>,
    reading_id: Option<i64>,
    reading_day: Option<NaiveDate>,
    reading_liters: Option<i64>,
    months_without_reading: i32,
    provisional: i64,
    history: Vec<i64>,
    history_period: Vec<NaiveDate>,
}

/// What a month of an account hands on for a point.
pub type Handed = (AccountId, Period, PointId, Carried);

/// What the months from..=to of accounts hand on, as it stands.
pub async fn chain(
    db: &impl ConnectionTrait,
    accounts: &[i64],
    from: Period,
    to: Period,
) -> Result<Vec<Handed>> {
    let rows: Vec<ChainRow> = sql::all(
        db,
        "SELECT account_id, period, point_id, liters, basis, meter_id, reading_id, reading_day, reading_liters,
                months_without_reading, provisional, history, history_period
         FROM consumption.month WHERE account_id = ANY ($1) AND period BETWEEN $2 AND $3 ORDER BY account_id, period, point_id",
        [accounts.to_vec().into(), from.first_day().into(), to.first_day().into()],
    )
    .await?;
    let handed = |row: ChainRow| {
        let basis = Basis::from_code(&row.basis)
            .ok_or_else(|| Broken::Custom(format!("{:?} is not a known code", row.basis)))?;
        let reading =
            row.reading_id.zip(row.reading_day).zip(row.reading_liters).map(|((id, day), liters)| {
                ReadingRef { id: ReadingId(id), day, value: Volume::from_liters(liters) }
            });
        let history = row.history_period.into_iter().map(Period::of);
        let carried = Carried {
            volume: Volume::from_liters(row.liters),
            basis,
            meter: row.meter_id.map(MeterId),
            reading,
            months_without_reading: row.months_without_reading.unsigned_abs(),
            provisional: Volume::from_liters(row.provisional),
            history: history.zip(row.history.into_iter().map(Volume::from_liters)).collect(),
        };
        Ok((AccountId(row.account_id), Period::of(row.period), PointId(row.point_id), carried))
    };
    rows.into_iter().map(handed).collect()
}

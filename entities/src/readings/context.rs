//! What a verdict depends on, fetched for any number of readings by one statement each.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use domain::access::Scope;
use domain::kernel::*;
use domain::ledger::PeriodStatus;
use domain::readings::{Channel, MovedCutOffs};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, ScopeArgs, Tx, sql};

/// A point on a day: who pays for it and what measures it.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Place {
    /// Which of the asked ones it is, from 1.
    pub n: i64,
    pub point_id: PointId,
    /// The house meter's place.
    pub whole_building: bool,
    pub account_id: Option<AccountId>,
    pub sector: Option<Sector>,
    pub meter_id: Option<MeterId>,
    pub digits: Option<i32>,
    pub diameter_mm: Option<i32>,
    pub installed_on: Option<NaiveDate>,
    pub verified_until: Option<NaiveDate>,
}

/// The asked points and days that the scope may see; a point of others gives no row.
pub async fn places(
    db: &impl ConnectionTrait,
    scope: &Scope,
    asked: &[(PointId, NaiveDate)],
) -> Result<Vec<Place>> {
    // A house meter that nobody pays for belongs to its district, whatever the sector; and to no subscriber.
    let condition = if matches!(scope, Scope::City) {
        "($1::text[] IS NULL AND $2::bigint[] IS NULL AND $3::bigint[] IS NULL)".to_owned()
    } else {
        format!(
            "(({}) OR (a.id IS NULL AND t.premise_id IS NULL AND $3::bigint[] IS NULL
              AND ($2::bigint[] IS NULL OR b.district_id = ANY ($2))))",
            ScopeArgs::WHERE
        )
    };
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let points: Vec<i64> = asked.iter().map(|(point, _)| point.0).collect();
    let days: Vec<NaiveDate> = asked.iter().map(|(_, day)| *day).collect();
    let text = include_str!("sql/places.sql").replace("{scope}", &condition);
    sql::all(db, &text, [sectors, districts, accounts, points.into(), days.into()]).await
}

/// An accepted reading that counts so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub id: ReadingId,
    pub period: Period,
    pub day: NaiveDate,
    pub value: Volume,
    pub channel: Channel,
    pub consumption: Option<Volume>,
    /// The reading of an installation or a removal.
    pub act: bool,
}

#[derive(FromQueryResult)]
struct AcceptedRow {
    n: i64,
    id: i64,
    period: NaiveDate,
    taken_on: NaiveDate,
    liters: i64,
    channel: Channel,
    consumption: Option<i64>,
    act: Option<String>,
}

/// The newest `depth` accepted readings of each meter at its point up to the month, newest first; one list per asked one.
pub async fn history(
    db: &impl ConnectionTrait,
    asked: &[(PointId, MeterId, Period)],
    depth: i64,
) -> Result<Vec<Vec<Accepted>>> {
    let points: Vec<i64> = asked.iter().map(|(point, ..)| point.0).collect();
    let meters: Vec<i64> = asked.iter().map(|(_, meter, _)| meter.0).collect();
    let periods: Vec<NaiveDate> = asked.iter().map(|(.., period)| period.first_day()).collect();
    let rows: Vec<AcceptedRow> = sql::all(
        db,
        include_str!("sql/history.sql"),
        [points.into(), meters.into(), periods.into(), depth.into()],
    )
    .await?;
    let mut lists = vec![Vec::new(); asked.len()];
    for row in rows {
        lists[usize::try_from(row.n - 1).unwrap_or_default()].push(Accepted {
            id: ReadingId(row.id),
            period: Period::of(row.period),
            day: row.taken_on,
            value: Volume::from_liters(row.liters),
            channel: row.channel,
            consumption: row.consumption.map(Volume::from_liters),
            act: row.act.is_some(),
        });
    }
    Ok(lists)
}

#[derive(FromQueryResult)]
struct PeriodRow {
    period: NaiveDate,
    sector: Sector,
    status: PeriodStatus,
}

/// State of every month that was ever opened, its rows locked against closing until the transaction ends.
pub async fn period_statuses(tx: &Tx) -> Result<HashMap<(Sector, Period), PeriodStatus>> {
    // Closed months never change: only the others need the lock.
    let rows: Vec<PeriodRow> = sql::all(
        tx,
        "WITH open AS (SELECT period, sector FROM ledger.period WHERE status <> 'closed' ORDER BY 1, 2 FOR SHARE)
         SELECT l.period, l.sector, l.status FROM ledger.period l LEFT JOIN open USING (period, sector)",
        [],
    )
    .await?;
    Ok(rows.into_iter().map(|row| ((row.sector, Period::of(row.period)), row.status)).collect())
}

/// Days up to which readings count for a month, where they were moved; one row per month and sector.
pub async fn moved_cut_offs(db: &impl ConnectionTrait) -> Result<MovedCutOffs> {
    #[derive(FromQueryResult)]
    struct Row {
        period: NaiveDate,
        sector: Sector,
        due_on: NaiveDate,
    }
    let rows: Vec<Row> =
        sql::all(db, "SELECT period, sector, due_on FROM ledger.cut_off WHERE step = 'readings_in'", [])
            .await?;
    Ok(rows.into_iter().map(|row| ((row.sector, Period::of(row.period)), row.due_on)).collect())
}

/// Months that take no facts any more, for a look without a lock.
pub async fn closed_months(db: &impl ConnectionTrait) -> Result<HashSet<(Sector, Period)>> {
    let rows: Vec<PeriodRow> =
        sql::all(db, "SELECT period, sector, status FROM ledger.period WHERE status = 'closed'", []).await?;
    Ok(rows.into_iter().map(|row| (row.sector, Period::of(row.period))).collect())
}

/// Readings of one point are judged one after another: each stands on the one before.
pub async fn lock_points(tx: &Tx, points: &[PointId]) -> Result<()> {
    sql::run(
        tx,
        "SELECT 1 FROM premises.point WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE",
        [points.iter().map(|point| point.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(())
}

//! Sums of the city, kept by the transactions that move them (`migration/sql/stats`). Reading them costs the same for three
//! hundred accounts and for a million.

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::{Deserialize, Serialize};

use crate::kernel::{Db, Result, ScopeArgs, sql};

/// One district and sector in a month. Sums are in tiyn.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Serialize, Deserialize)]
pub struct Part {
    pub district_id: i64,
    /// Its code and names, which change as rarely as the city does: the picture is drawn without asking for them again.
    pub district: String,
    pub name_kk: String,
    pub name_ru: String,
    pub name_en: String,
    pub sector: String,
    pub charged: i64,
    /// What came in, as a positive sum.
    pub paid: i64,
    pub owed: i64,
    /// Of it, due before the day asked for.
    pub overdue: i64,
    pub advance: i64,
    /// Readings since the moment asked for, by verdict at arrival.
    pub accepted: i64,
    pub doubtful: i64,
    pub rejected: i64,
}

/// One row per district and sector within the scope that has anything to show.
pub async fn parts(
    db: &Db,
    scope: &ScopeArgs,
    period: NaiveDate,
    today: NaiveDate,
    midnight: DateTime<Utc>,
) -> Result<Vec<Part>> {
    let values = [
        scope.sectors.clone().into(),
        scope.districts.clone().into(),
        period.into(),
        today.into(),
        midnight.into(),
    ];
    sql::all(db, include_str!("sql/parts.sql"), values).await
}

/// A month of a sector within the scope. Sums are in tiyn.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Serialize, Deserialize)]
pub struct Month {
    pub period: NaiveDate,
    pub sector: String,
    pub charged: i64,
    pub paid: i64,
}

/// The sectors of the thirteen months up to one, oldest first.
pub async fn months(db: &Db, scope: &ScopeArgs, until: NaiveDate) -> Result<Vec<Month>> {
    let values = [scope.sectors.clone().into(), scope.districts.clone().into(), until.into()];
    sql::all(db, include_str!("sql/months.sql"), values).await
}

/// What a sector owes by age. Sums are in tiyn.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, Serialize, Deserialize)]
pub struct Age {
    pub sector: String,
    /// Whole months past the due day; 0 = not due yet or up to a month late, 12 = a year and more.
    pub months: i32,
    pub owed: i64,
}

/// Ageing of receivables at a day, youngest first.
pub async fn ages(db: &Db, scope: &ScopeArgs, today: NaiveDate) -> Result<Vec<Age>> {
    let values = [scope.sectors.clone().into(), scope.districts.clone().into(), today.into()];
    sql::all(db, include_str!("sql/ages.sql"), values).await
}

/// Adds up rows that have gathered, once there are enough of them to be worth it.
pub async fn fold(db: &impl ConnectionTrait) -> Result<()> {
    const ENOUGH: i64 = 5_000;
    let gathered: Option<i64> = sql::scalar(
        db,
        "SELECT count(*) FROM (SELECT FROM stats.turnover UNION ALL SELECT FROM stats.receivable LIMIT $1) r",
        [ENOUGH.into()],
    )
    .await?;
    if gathered.is_some_and(|rows| rows >= ENOUGH) {
        sql::run(db, "SELECT stats.fold()", []).await?;
    }
    Ok(())
}

/// Counts everything anew from the ledger.
pub async fn rebuild(db: &impl ConnectionTrait) -> Result<()> {
    sql::run(db, "SELECT stats.rebuild()", []).await.map(drop)
}

//! Receivables by age, and the accounts behind a figure.

use chrono::NaiveDate;
use domain::access::Scope;
use domain::debt::AgeBucket;
use domain::kernel::*;
use sea_orm::FromQueryResult;

use super::{CLAIMED, DISPUTED, PAYABLE};
use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, sql};

/// What is owed of one age in a district and sector, in tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Age {
    pub sector: String,
    pub district_id: i64,
    /// Place of the bucket in the order of `AgeBucket`.
    pub bucket: i32,
    pub accounts: i64,
    pub owed: i64,
    pub principal: i64,
    pub penalty: i64,
    pub disputed: i64,
    pub claimed: i64,
}

/// One row per sector, district and age on a day. An account counts once in each age that it has items of.
pub async fn ages(db: &Db, scope: &Scope, day: NaiveDate) -> Result<Vec<Age>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let firsts: Vec<i64> = AgeBucket::ALL.iter().filter_map(|bucket| bucket.bounds().0).collect();
    sql::all(
        db,
        &format!(
            "SELECT o.sector, a.district_id, width_bucket($4::date - o.due_on, $5::int[]) AS bucket,
                    count(DISTINCT o.account_id) AS accounts, sum(o.amount - o.settled)::bigint AS owed,
                    coalesce(sum(o.amount - o.settled) FILTER (WHERE o.component IN ('charge', 'imbalance')), 0)::bigint AS principal,
                    coalesce(sum(o.amount - o.settled) FILTER (WHERE o.component = 'penalty'), 0)::bigint AS penalty,
                    coalesce(sum({DISPUTED}), 0)::bigint AS disputed, sum({CLAIMED})::bigint AS claimed
             FROM ledger.open_item o JOIN subscribers.account a ON a.id = o.account_id
             WHERE {} AND o.amount > 0 AND o.amount <> o.settled AND {PAYABLE}
             GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            day.into(),
            firsts.into_iter().map(|first| first as i32).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

/// The same of a day that is past: what was owed then, by the days of items and settlements.
pub async fn ages_of_past(db: &Db, scope: &Scope, day: NaiveDate) -> Result<Vec<Age>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let firsts: Vec<i64> = AgeBucket::ALL.iter().filter_map(|bucket| bucket.bounds().0).collect();
    sql::all(
        db,
        &include_str!("sql/ages_of_past.sql").replace("{scope}", ScopeArgs::WHERE),
        [
            sectors,
            districts,
            accounts,
            day.into(),
            firsts.into_iter().map(|first| first as i32).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

/// An account that owes.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Debtor {
    pub account_id: i64,
    pub district_id: i64,
    pub number: String,
    pub sector: String,
    /// Of the ages asked for, in tiyn.
    pub owed: i64,
    pub penalty: i64,
    pub disputed: i64,
    pub claimed: i64,
    pub oldest: NaiveDate,
}

/// Which debtors; those with the largest sums come first.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub sector: Option<Sector>,
    pub district: Option<DistrictId>,
    pub bucket: Option<AgeBucket>,
    /// At least so much.
    pub least: Option<Money>,
}

pub async fn debtors(
    db: &Db,
    scope: &Scope,
    day: NaiveDate,
    filter: &Filter,
    page: Page<(i64, i64)>,
) -> Result<Slice<Debtor>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let (first, last) = filter.bucket.map_or((None, None), AgeBucket::bounds);
    let (owed, id) = page.after.unzip();
    let rows = sql::all(
        db,
        &format!(
            "SELECT * FROM (
                 SELECT o.account_id, a.district_id, a.number, a.sector, sum(o.amount - o.settled)::bigint AS owed,
                        coalesce(sum(o.amount - o.settled) FILTER (WHERE o.component = 'penalty'), 0)::bigint AS penalty,
                        coalesce(sum({DISPUTED}), 0)::bigint AS disputed, sum({CLAIMED})::bigint AS claimed, min(o.due_on) AS oldest
                 FROM ledger.open_item o JOIN subscribers.account a ON a.id = o.account_id
                 WHERE {} AND o.amount > 0 AND o.amount <> o.settled AND {PAYABLE}
                   AND ($5::int IS NULL OR $4::date - o.due_on >= $5) AND ($6::int IS NULL OR $4::date - o.due_on <= $6)
                   AND ($7::text IS NULL OR a.sector = $7) AND ($8::bigint IS NULL OR a.district_id = $8)
                 GROUP BY 1, 2, 3, 4) d
             WHERE ($9::bigint IS NULL OR d.owed >= $9)
               AND ($10::bigint IS NULL OR (d.owed, d.account_id) < ($10, $11))
             ORDER BY d.owed DESC, d.account_id DESC LIMIT $12",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            day.into(),
            first.map(|day| day as i32).into(),
            last.map(|day| day as i32).into(),
            filter.sector.map(|s| s.code().to_owned()).into(),
            filter.district.map(|d| d.0).into(),
            filter.least.map(Money::tiyn).into(),
            owed.into(),
            id.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

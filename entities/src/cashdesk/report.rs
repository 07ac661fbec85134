//! Turnover of desks over days, by what the office asks for; whether the books agree.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult};

use super::Desks;
use crate::kernel::{Result, sql};

/// By what sums are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    Desk,
    Cashier,
    Sector,
    Day,
}

/// Money of subscribers over some days, in tiyn; voids are taken off the sales.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Sums {
    /// Code of the desk, login, code of the sector, or day.
    pub of: String,
    pub sales: i64,
    pub cash: i64,
    pub card: i64,
    pub refunds: i64,
    pub refunded_cash: i64,
    pub refunded_card: i64,
}

pub async fn sums(
    db: &impl ConnectionTrait,
    desks: &Desks,
    by: By,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Sums>> {
    let of = match by {
        By::Desk => "d.code",
        By::Cashier => "s.cashier",
        By::Sector => "l.sector",
        By::Day => "o.on_day::text",
    };
    let sql = include_str!("sql/sums.sql").replace("{of}", of);
    sql::all(db, &sql, [desks.value(), from.into(), to.into()]).await
}

/// Tiyn by which the desks' books and the subscribers' ledger differ: zero unless somebody tampered.
pub async fn difference_to_ledger(db: &impl ConnectionTrait) -> Result<i64> {
    let found: Option<i64> = sql::scalar(db, include_str!("sql/difference_to_ledger.sql"), []).await?;
    Ok(found.unwrap_or_default())
}

/// What each account of the desks' books holds, in tiyn: debit positive.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub struct Balance {
    pub desk_id: i64,
    pub account: String,
    pub amount: i64,
}

pub async fn balances(db: &impl ConnectionTrait) -> Result<Vec<Balance>> {
    sql::all(
        db,
        "SELECT e.desk_id, x.account, sum(x.amount)::bigint AS amount
         FROM cashdesk.entry e CROSS JOIN LATERAL (VALUES (e.debit, e.amount), (e.credit, -e.amount)) AS x (account, amount)
         GROUP BY 1, 2 ORDER BY 1, 2",
        [],
    )
    .await
}

//! Registered residents with the source of the count, in two times.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::{AccountId, ResidencyId};
use sea_orm::FromQueryResult;

use crate::kernel::{Db, Page, Result, Slice, sql};

/// How many people are registered on the days from..to, as known now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct Residency {
    pub id: ResidencyId,
    pub account_id: AccountId,
    pub residents: i32,
    pub source: String,
    pub from: NaiveDate,
    /// First day it no longer holds.
    pub to: Option<NaiveDate>,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by: String,
}

pub(crate) const COLUMNS: &str = "id, account_id, residents, source, lower(valid) AS from, upper(valid) AS to, \
     lower(recorded) AS recorded_at, recorded_by";

/// The counts of accounts on a day.
pub async fn on(db: &Db, day: NaiveDate, ids: Vec<AccountId>) -> Result<Vec<Residency>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM subscribers.residency
             WHERE account_id = ANY ($2) AND valid @> $1::date AND upper_inf(recorded)"
        ),
        [day.into(), ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// A page of the counts of each account, newest first, from the day `since` on where one is given; one statement.
pub async fn of_accounts(
    db: &Db,
    ids: Vec<AccountId>,
    since: Option<NaiveDate>,
    page: Page<NaiveDate>,
) -> Result<Vec<(AccountId, Slice<Residency>)>> {
    let rows: Vec<Residency> = sql::all(
        db,
        &format!(
            "SELECT r.* FROM unnest($1::bigint[]) AS wanted (id)
             CROSS JOIN LATERAL (
                 SELECT {COLUMNS} FROM subscribers.residency
                 WHERE account_id = wanted.id AND upper_inf(recorded) AND ($2::date IS NULL OR lower(valid) < $2)
                   AND ($3::date IS NULL OR valid && daterange($3, NULL))
                 ORDER BY lower(valid) DESC LIMIT $4) r
             ORDER BY r.from DESC"
        ),
        [
            ids.iter().map(|id| id.0).collect::<Vec<_>>().into(),
            page.after.into(),
            since.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(crate::kernel::page::of_each(ids, rows, |row| row.account_id, page.first))
}

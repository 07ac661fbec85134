//! Registered residents with the source of the count, in two times.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::{AccountId, ResidencyId};
use sea_orm::FromQueryResult;

use crate::kernel::{Db, Page, Register, Result, Slice, sql};

pub const RESIDENCIES: Register = Register {
    table: "subscribers.residency",
    key: "account_id = $4",
    says: "account_id, residents, source, recorded_by, document_id",
};

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

const COLUMNS: &str = "id, account_id, residents, source, lower(valid) AS from, upper(valid) AS to, \
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

/// The count of a day as it was known at a moment.
pub async fn as_of(
    db: &impl sea_orm::ConnectionTrait,
    id: AccountId,
    valid_on: NaiveDate,
    known_at: DateTime<Utc>,
) -> Result<Option<Residency>> {
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM subscribers.residency
             WHERE account_id = $1 AND valid @> $2::date AND recorded @> $3::timestamptz"
        ),
        [id.0.into(), valid_on.into(), known_at.into()],
    )
    .await
}

/// One version as known now.
pub async fn find(db: &impl sea_orm::ConnectionTrait, id: ResidencyId) -> Result<Option<Residency>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM subscribers.residency WHERE id = $1"), [id.0.into()]).await
}

/// Every version that was ever recorded of an account, oldest recording first: what was known when.
pub async fn history(db: &impl sea_orm::ConnectionTrait, id: AccountId) -> Result<Vec<Residency>> {
    sql::all(
        db,
        &format!("SELECT {COLUMNS} FROM subscribers.residency WHERE account_id = $1 ORDER BY id"),
        [id.0.into()],
    )
    .await
}

/// What is known now of an account's days from..to, oldest first.
pub async fn between(
    db: &impl sea_orm::ConnectionTrait,
    id: AccountId,
    from: NaiveDate,
    to: Option<NaiveDate>,
) -> Result<Vec<Residency>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM subscribers.residency
             WHERE account_id = $1 AND upper_inf(recorded) AND valid && daterange($2, $3) ORDER BY lower(valid)"
        ),
        [id.0.into(), from.into(), to.into()],
    )
    .await
}

//! How the holder of an account can be reached, for sign-in only: nothing of it is ever shown.

use chrono::NaiveDate;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, ScopeArgs, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Contact {
    pub account_id: i64,
    pub number: String,
    pub party_id: i64,
    pub phone: Option<Vec<u8>>,
    pub email: Option<Vec<u8>>,
    pub language: String,
}

/// Of the holder on a day; sealed as the rows are. Closed accounts can still be looked at by their last holder.
pub async fn of_account(db: &impl ConnectionTrait, number: &str, on: NaiveDate) -> Result<Option<Contact>> {
    sql::one(
        db,
        "SELECT a.id AS account_id, a.number, p.id AS party_id, p.phone, p.email, p.language
         FROM subscribers.account a
         JOIN subscribers.holder h ON h.account_id = a.id AND upper_inf(h.recorded) AND (h.valid @> $2::date OR upper(h.valid) = a.closed_on)
         JOIN subscribers.party p ON p.id = h.party_id
         WHERE a.number = $1",
        [number.into(), on.into()],
    )
    .await
}

/// Whether an account is among the rows of a scope.
pub async fn in_scope(db: &impl ConnectionTrait, scope: &ScopeArgs, account: i64) -> Result<bool> {
    let [sectors, districts, accounts] = scope.values();
    let found: Option<bool> = sql::scalar(
        db,
        &format!(
            "SELECT EXISTS (SELECT FROM subscribers.account a WHERE {} AND a.id = $4)",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, account.into()],
    )
    .await?;
    Ok(found.unwrap_or(false))
}

//! What an account owed on a day, as known at a moment: told by the entries, which never change.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, sql};

/// Owed for a service and component; without them, paid ahead (negative). In tiyn.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Part {
    pub service: Option<String>,
    pub component: Option<String>,
    pub amount: i64,
}

pub async fn balance(
    db: &impl ConnectionTrait,
    account: AccountId,
    valid_on: NaiveDate,
    known_at: DateTime<Utc>,
) -> Result<Vec<Part>> {
    sql::all(db, include_str!("sql/as_of.sql"), [account.0.into(), valid_on.into(), known_at.into()]).await
}

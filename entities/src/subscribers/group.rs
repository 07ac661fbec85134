//! The group of consumers, which chooses the price, in two times. Only accounts whose group was ever changed have rows.

use chrono::NaiveDate;
use domain::kernel::{AccountId, ConsumerGroup};
use sea_orm::FromQueryResult;

use crate::kernel::{Register, Result, Tx, sql};

pub const GROUPS: Register = Register {
    table: "subscribers.consumer_group",
    key: "account_id = $4",
    says: "account_id, consumer_group, recorded_by, document_id",
};

/// The group of an account on the days from..to, as known now.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct Group {
    pub account_id: AccountId,
    pub consumer_group: ConsumerGroup,
    pub from: NaiveDate,
    /// First day it no longer holds.
    pub to: Option<NaiveDate>,
    /// Nothing of the group before the first document.
    pub document_id: Option<i64>,
    pub recorded_by: String,
}

/// All groups that accounts are known to have had, each account's oldest first; nothing of those whose group never changed.
pub async fn of_accounts(db: &impl sea_orm::ConnectionTrait, ids: &[AccountId]) -> Result<Vec<Group>> {
    sql::all(
        db,
        "SELECT account_id, consumer_group, lower(valid) AS from, upper(valid) AS to, document_id, recorded_by
         FROM subscribers.consumer_group WHERE account_id = ANY ($1) AND upper_inf(recorded)
         ORDER BY account_id, valid",
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// Before the first change: what holds since the account was opened, on no document, and was always known. Whoever looks as of a
/// moment before the change finds it there, for the account itself says the new group by then.
pub async fn begin(
    tx: &Tx,
    account: AccountId,
    group: ConsumerGroup,
    opened_on: NaiveDate,
    by: &str,
) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO subscribers.consumer_group (account_id, consumer_group, valid, recorded, recorded_by)
         SELECT $1, $2, daterange($3, NULL), tstzrange(NULL, NULL), $4
         WHERE NOT EXISTS (SELECT FROM subscribers.consumer_group WHERE account_id = $1)",
        [account.0.into(), group.code().into(), opened_on.into(), by.into()],
    )
    .await?;
    Ok(())
}

//! Which accounts took over from a closed one.

use chrono::NaiveDate;
use domain::kernel::{AccountId, DocumentId};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, Tx, sql};

#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Successor {
    pub account_id: AccountId,
    pub next_id: AccountId,
}

pub async fn record(
    tx: &Tx,
    from: &[AccountId],
    to: &[AccountId],
    day: NaiveDate,
    document: DocumentId,
) -> Result<u64> {
    sql::run(
        tx,
        "INSERT INTO subscribers.successor (account_id, next_id, on_day, document_id)
         SELECT f, t, $3, $4 FROM unnest($1::bigint[]) f, unnest($2::bigint[]) t WHERE f <> t",
        [
            from.iter().map(|id| id.0).collect::<Vec<_>>().into(),
            to.iter().map(|id| id.0).collect::<Vec<_>>().into(),
            day.into(),
            document.0.into(),
        ],
    )
    .await
}

/// Nobody took over after all.
pub async fn forget(tx: &Tx, from: &[AccountId], to: &[AccountId], day: NaiveDate) -> Result<u64> {
    sql::run(
        tx,
        "DELETE FROM subscribers.successor WHERE account_id = ANY ($1) AND next_id = ANY ($2) AND on_day = $3",
        [
            from.iter().map(|id| id.0).collect::<Vec<_>>().into(),
            to.iter().map(|id| id.0).collect::<Vec<_>>().into(),
            day.into(),
        ],
    )
    .await
}

/// Those that took over from accounts, and those that accounts took over from.
pub async fn of_accounts(db: &impl ConnectionTrait, ids: &[AccountId]) -> Result<Vec<Successor>> {
    sql::all(
        db,
        "SELECT account_id, next_id FROM subscribers.successor WHERE account_id = ANY ($1) OR next_id = ANY ($1)
         ORDER BY account_id, next_id",
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

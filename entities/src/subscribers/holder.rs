//! Who holds an account, in two times: when it was so, and when we knew.

use chrono::NaiveDate;
use domain::kernel::{AccountId, PartyId};
use sea_orm::FromQueryResult;

use crate::kernel::{Db, Register, Result, sql};

pub const HOLDERS: Register = Register {
    table: "subscribers.holder",
    key: "account_id = $4",
    says: "account_id, party_id, recorded_by, document_id, sees_from",
};

/// The holder of an account on a day, as known now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct Holder {
    pub account_id: AccountId,
    pub party_id: PartyId,
    pub from: NaiveDate,
    /// From which day on he sees the account's life: his first one, or earlier for an heir.
    pub sees_from: NaiveDate,
}

/// Holders of accounts on a day. An account whose holder moved out has none.
pub async fn on(
    db: &impl sea_orm::ConnectionTrait,
    day: NaiveDate,
    ids: Vec<AccountId>,
) -> Result<Vec<Holder>> {
    sql::all(
        db,
        "SELECT account_id, party_id, lower(valid) AS from, coalesce(sees_from, lower(valid)) AS sees_from FROM subscribers.holder
         WHERE account_id = ANY ($2) AND valid @> $1::date AND upper_inf(recorded)",
        [day.into(), ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// A holder's days on an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub struct Holding {
    pub account_id: AccountId,
    pub party_id: PartyId,
    pub from: NaiveDate,
    /// First day that was no longer the holder's.
    pub to: Option<NaiveDate>,
}

/// Everybody known to have held accounts, the newest first; twenty of an account at most.
pub async fn of_accounts(db: &Db, ids: Vec<AccountId>) -> Result<Vec<Holding>> {
    sql::all(
        db,
        "SELECT x.* FROM unnest($1::bigint[]) a (id) CROSS JOIN LATERAL (
             SELECT account_id, party_id, lower(valid) AS from, upper(valid) AS to FROM subscribers.holder
             WHERE account_id = a.id AND upper_inf(recorded) ORDER BY lower(valid) DESC LIMIT 20) x",
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// The newest holder of each account as known now, also one whose days have ended.
pub async fn last_of(db: &Db, ids: Vec<AccountId>) -> Result<Vec<Holder>> {
    sql::all(
        db,
        "SELECT DISTINCT ON (account_id) account_id, party_id, lower(valid) AS from, coalesce(sees_from, lower(valid)) AS sees_from FROM subscribers.holder
         WHERE account_id = ANY ($1) AND upper_inf(recorded) ORDER BY account_id, lower(valid) DESC",
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// The same of one account.
pub async fn last(db: &impl sea_orm::ConnectionTrait, id: AccountId) -> Result<Option<Holder>> {
    sql::one(
        db,
        "SELECT account_id, party_id, lower(valid) AS from, coalesce(sees_from, lower(valid)) AS sees_from FROM subscribers.holder
         WHERE account_id = $1 AND upper_inf(recorded) ORDER BY lower(valid) DESC LIMIT 1",
        [id.0.into()],
    )
    .await
}

/// What a person holds on a day or later, and from which of them on.
pub async fn held_from(
    db: &impl sea_orm::ConnectionTrait,
    party: PartyId,
    day: NaiveDate,
) -> Result<Vec<Holder>> {
    sql::all(
        db,
        "SELECT account_id, party_id, greatest(lower(valid), $2::date) AS from, coalesce(sees_from, lower(valid)) AS sees_from
         FROM subscribers.holder
         WHERE party_id = $1 AND upper_inf(recorded) AND valid && daterange($2, NULL) ORDER BY account_id",
        [party.0.into(), day.into()],
    )
    .await
}

use chrono::NaiveDate;
use domain::access::Scope;
use domain::contracts::ContractKind;
use domain::kernel::{AccountId, ContractId, PartyId};
use sea_orm::FromQueryResult;

use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, sql};

/// A contract as known now, in force on the days from..to.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult, serde::Serialize)]
pub struct Contract {
    pub id: ContractId,
    pub number: String,
    pub kind: ContractKind,
    pub account_id: AccountId,
    pub party_id: PartyId,
    pub signed_on: NaiveDate,
    pub from: NaiveDate,
    /// First day without it.
    pub to: Option<NaiveDate>,
    pub version: i32,
}

const COLUMNS: &str = "c.id, c.number, c.kind, c.account_id, c.party_id, c.signed_on, lower(c.valid) AS from, \
     upper(c.valid) AS to, c.version";

/// The contracts of accounts in force on a day.
pub async fn on(db: &Db, day: NaiveDate, ids: Vec<AccountId>) -> Result<Vec<Contract>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM contracts.contract c
             WHERE c.account_id = ANY ($2) AND c.valid @> $1::date AND upper_inf(c.recorded)"
        ),
        [day.into(), ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await
}

/// Contracts of accounts of the scope, newest first, by a part of the number.
pub async fn list(db: &Db, scope: &Scope, search: Option<String>, page: Page) -> Result<Slice<Contract>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM contracts.contract c JOIN subscribers.account a ON a.id = c.account_id
             WHERE {} AND upper_inf(c.recorded)
               AND ($4::text IS NULL OR starts_with(lower(c.number), lower($4)) OR starts_with(a.number, $4))
               AND ($5::bigint IS NULL OR c.id < $5)
             ORDER BY c.id DESC LIMIT $6",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, search.into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// One contract of the scope, locked in a transaction by its account's row before.
pub async fn find(
    db: &impl sea_orm::ConnectionTrait,
    scope: &Scope,
    id: ContractId,
) -> Result<Option<Contract>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM contracts.contract c JOIN subscribers.account a ON a.id = c.account_id
             WHERE {} AND c.id = $4",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

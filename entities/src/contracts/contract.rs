use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::contracts::ContractKind;
use domain::kernel::{AccountId, ContractId, DocumentId, PartyId};
use sea_orm::FromQueryResult;

use crate::kernel::{Db, Page, Register, Result, ScopeArgs, Slice, Tx, sql};

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

pub const CONTRACTS: Register = Register {
    table: "contracts.contract",
    key: "account_id = $4",
    says: "number, kind, account_id, party_id, signed_on, recorded_by, document_id",
};

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

/// All contracts of accounts, the one that begins last first; twenty of an account at most.
pub async fn of_accounts(db: &Db, ids: Vec<AccountId>) -> Result<Vec<Contract>> {
    sql::all(
        db,
        &format!(
            "SELECT x.* FROM unnest($1::bigint[]) a (id) CROSS JOIN LATERAL (
                 SELECT {COLUMNS} FROM contracts.contract c WHERE c.account_id = a.id AND upper_inf(c.recorded)
                 ORDER BY lower(c.valid) DESC, c.id DESC LIMIT 20) x"
        ),
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
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

/// One contract of the scope as known now; a writer locks its account's row first.
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
             WHERE {} AND c.id = $4 AND upper_inf(c.recorded)",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

/// Contracts of an account known to be in force on a day or later.
pub async fn from_day(
    db: &impl sea_orm::ConnectionTrait,
    account: AccountId,
    day: NaiveDate,
) -> Result<Vec<Contract>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM contracts.contract c
             WHERE c.account_id = $1 AND c.valid && daterange($2, NULL) AND upper_inf(c.recorded) ORDER BY lower(c.valid)"
        ),
        [account.0.into(), day.into()],
    )
    .await
}

/// A contract that was to begin later never does: known until now, not any more.
pub async fn void(tx: &Tx, id: ContractId, at: DateTime<Utc>) -> Result<()> {
    sql::run(
        tx,
        "UPDATE contracts.contract SET recorded = tstzrange(lower(recorded), $2) WHERE id = $1",
        [id.0.into(), at.into()],
    )
    .await?;
    Ok(())
}

/// A contract that was ended at a moment, and the day it was to end on before.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub struct Ended {
    pub id: ContractId,
    pub to: Option<NaiveDate>,
    pub document_id: Option<DocumentId>,
}

/// What of an account was ended at a moment of recording.
pub async fn ended_at(tx: &Tx, account: AccountId, moment: DateTime<Utc>) -> Result<Vec<Ended>> {
    sql::all(
        tx,
        "SELECT c.id, upper(was.valid) AS to, was.document_id
         FROM contracts.contract c
         JOIN contracts.contract was ON was.account_id = c.account_id AND was.number = c.number AND upper(was.recorded) = $2
         WHERE c.account_id = $1 AND lower(c.recorded) = $2 AND upper_inf(c.recorded) ORDER BY c.id",
        [account.0.into(), moment.into()],
    )
    .await
}

/// Contracts of an account that became void at a moment begin all the same: as rows of their own.
pub async fn unvoid(tx: &Tx, account: AccountId, moment: DateTime<Utc>, at: DateTime<Utc>) -> Result<u64> {
    sql::run(
        tx,
        "INSERT INTO contracts.contract
             (number, kind, account_id, party_id, signed_on, valid, recorded, recorded_by, document_id, import_batch_id, version)
         SELECT number, kind, account_id, party_id, signed_on, valid, tstzrange($3, NULL), recorded_by, document_id,
                import_batch_id, version
         FROM contracts.contract w
         WHERE account_id = $1 AND upper(recorded) = $2
           AND NOT EXISTS (SELECT FROM contracts.contract c
                           WHERE c.account_id = w.account_id AND c.number = w.number AND upper_inf(c.recorded))",
        [account.0.into(), moment.into(), at.into()],
    )
    .await
}

/// Ends a contract on a day, the first without it, or lets it go on without an end. What is known now keeps the id, what was known
/// before becomes a row of its own with a closed `recorded`.
pub async fn end(
    tx: &Tx,
    id: ContractId,
    day: Option<NaiveDate>,
    document: Option<DocumentId>,
    at: DateTime<Utc>,
) -> Result<()> {
    let by = tx.actor().label.clone();
    let known_since: Option<DateTime<Utc>> =
        sql::scalar(tx, "SELECT lower(recorded) FROM contracts.contract WHERE id = $1", [id.0.into()])
            .await?;
    sql::run(
        tx,
        "UPDATE contracts.contract SET recorded = tstzrange($2, NULL) WHERE id = $1",
        [id.0.into(), at.into()],
    )
    .await?;
    sql::run(
        tx,
        "INSERT INTO contracts.contract
             (number, kind, account_id, party_id, signed_on, valid, recorded, recorded_by, document_id, import_batch_id, version)
         SELECT number, kind, account_id, party_id, signed_on, valid, tstzrange($2, $3), recorded_by, document_id,
                import_batch_id, version
         FROM contracts.contract WHERE id = $1",
        [id.0.into(), known_since.into(), at.into()],
    )
    .await?;
    sql::run(
        tx,
        "UPDATE contracts.contract SET valid = daterange(lower(valid), $2), recorded_by = $3, document_id = $4,
                version = version + 1
         WHERE id = $1",
        [id.0.into(), day.into(), by.into(), document.map(|d| d.0).into()],
    )
    .await?;
    Ok(())
}

//! Orders of write-off and what stands off-balance.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::debt::WriteOffState;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct WriteOff {
    pub id: i64,
    pub document_id: i64,
    pub reason: String,
    pub state: String,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub accounts: i64,
    pub amount: i64,
}

const COLUMNS: &str = "w.id, w.document_id, w.reason, w.state, w.proposed_by, w.proposed_at, w.decided_by, w.decided_at, \
     (SELECT count(DISTINCT i.account_id) FROM debt.write_off_item i WHERE i.write_off_id = w.id) AS accounts, \
     (SELECT coalesce(sum(i.amount), 0)::bigint FROM debt.write_off_item i WHERE i.write_off_id = w.id) AS amount";

pub async fn find(db: &impl ConnectionTrait, id: WriteOffId) -> Result<Option<WriteOff>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM debt.write_off w WHERE w.id = $1"), [id.0.into()]).await
}

pub async fn lock(tx: &Tx, id: WriteOffId) -> Result<Option<WriteOff>> {
    sql::one(
        tx,
        &format!("SELECT {COLUMNS} FROM debt.write_off w WHERE w.id = $1 FOR UPDATE OF w"),
        [id.0.into()],
    )
    .await
}

pub async fn propose(
    tx: &Tx,
    document: DocumentId,
    reason: &str,
    items: &[(AccountId, OpenItemId, Money)],
) -> Result<WriteOffId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO debt.write_off (document_id, reason, proposed_by) VALUES ($1, $2, $3) RETURNING id",
        [document.0.into(), reason.into(), tx.actor().label.clone().into()],
    )
    .await?;
    let id = id.ok_or(Broken::RecordNotInserted)?;
    sql::run(
        tx,
        "INSERT INTO debt.write_off_item (write_off_id, account_id, open_item_id, amount)
         SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::bigint[])",
        [
            id.into(),
            items.iter().map(|item| item.0.0).collect::<Vec<_>>().into(),
            items.iter().map(|item| item.1.0).collect::<Vec<_>>().into(),
            items.iter().map(|item| item.2.tiyn()).collect::<Vec<_>>().into(),
        ],
    )
    .await?;
    Ok(WriteOffId(id))
}

/// An item of an order.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Item {
    pub account_id: i64,
    pub open_item_id: i64,
    pub amount: i64,
    pub sector: String,
    pub service: Option<String>,
    pub component: String,
    pub origin: NaiveDate,
    pub due_on: NaiveDate,
    /// What is still owed of it.
    pub rest: i64,
}

/// The caller's rows of an order; with all rows in scope the count equals the order's.
pub async fn items(db: &impl ConnectionTrait, scope: &Scope, id: WriteOffId) -> Result<Vec<Item>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::all(
        db,
        &format!(
            "SELECT i.account_id, i.open_item_id, i.amount, o.sector, o.service, o.component, o.origin, o.due_on,
                    o.amount - o.settled AS rest
             FROM debt.write_off_item i
             JOIN ledger.open_item o ON o.account_id = i.account_id AND o.id = i.open_item_id
             JOIN subscribers.account a ON a.id = i.account_id
             WHERE {} AND i.write_off_id = $4 ORDER BY i.account_id, i.open_item_id",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

/// How many items an order has, whoever sees them.
pub async fn count(db: &impl ConnectionTrait, id: WriteOffId) -> Result<i64> {
    let count: Option<i64> =
        sql::scalar(db, "SELECT count(*) FROM debt.write_off_item WHERE write_off_id = $1", [id.0.into()])
            .await?;
    Ok(count.unwrap_or(0))
}

pub async fn decide(tx: &Tx, id: WriteOffId, state: WriteOffState) -> Result<()> {
    sql::run(
        tx,
        "UPDATE debt.write_off SET state = $2, decided_by = $3, decided_at = now() WHERE id = $1",
        [id.0.into(), state.code().into(), tx.actor().label.clone().into()],
    )
    .await
    .map(drop)
}

/// What a posted order gave up, kept off-balance.
pub async fn keep_off_balance(tx: &Tx, id: WriteOffId, today: NaiveDate) -> Result<u64> {
    sql::run(
        tx,
        "INSERT INTO debt.off_balance (write_off_id, account_id, service, component, origin, due_on, amount, posted_on)
         SELECT i.write_off_id, i.account_id, o.service, o.component, o.origin, o.due_on, i.amount, $2
         FROM debt.write_off_item i JOIN ledger.open_item o ON o.account_id = i.account_id AND o.id = i.open_item_id
         WHERE i.write_off_id = $1 ORDER BY i.account_id, i.open_item_id",
        [id.0.into(), today.into()],
    )
    .await
}

/// A sum off-balance.
#[derive(Debug, Clone, FromQueryResult)]
pub struct OffBalance {
    pub id: i64,
    pub write_off_id: i64,
    pub account_id: i64,
    pub service: String,
    pub component: String,
    pub origin: NaiveDate,
    pub due_on: NaiveDate,
    pub amount: i64,
    pub posted_on: NaiveDate,
    pub revived_on: Option<NaiveDate>,
}

const OFF: &str = "b.id, b.write_off_id, b.account_id, b.service, b.component, b.origin, b.due_on, b.amount, b.posted_on, b.revived_on";

/// Newest first.
pub async fn off_balance(
    db: &impl ConnectionTrait,
    scope: &Scope,
    account: Option<AccountId>,
    page: Page,
) -> Result<Slice<OffBalance>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {OFF} FROM debt.off_balance b JOIN subscribers.account a ON a.id = b.account_id
             WHERE {} AND ($4::bigint IS NULL OR b.account_id = $4) AND ($5::bigint IS NULL OR b.id < $5)
             ORDER BY b.id DESC LIMIT $6",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, account.map(|id| id.0).into(), page.after.into(), page.limit().into()],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Marks what an order gave up of an account as owed again; the rows that were not before.
pub async fn revive(
    tx: &Tx,
    id: WriteOffId,
    account: AccountId,
    document: DocumentId,
    today: NaiveDate,
) -> Result<Vec<OffBalance>> {
    sql::all(
        tx,
        &format!(
            "UPDATE debt.off_balance b SET revived_on = $3, revived_by = $4, revival_document_id = $5
             WHERE b.write_off_id = $1 AND b.account_id = $2 AND b.revived_on IS NULL RETURNING {OFF}"
        ),
        [id.0.into(), account.0.into(), today.into(), tx.actor().label.clone().into(), document.0.into()],
    )
    .await
}

/// Newest first; those with an account that the caller sees.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    state: Option<WriteOffState>,
    page: Page,
) -> Result<Slice<WriteOff>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM debt.write_off w
             WHERE ($4::text IS NULL OR w.state = $4) AND ($5::bigint IS NULL OR w.id < $5)
               AND EXISTS (SELECT FROM debt.write_off_item i JOIN subscribers.account a ON a.id = i.account_id
                           WHERE i.write_off_id = w.id AND {})
             ORDER BY w.id DESC LIMIT $6",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            state.map(|s| s.code().to_owned()).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

//! Transfers of balances between accounts.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::kernel::*;
use domain::payments::{TransferKind, TransferState};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Transfer {
    pub id: i64,
    pub kind: TransferKind,
    pub state: TransferState,
    pub document_id: i64,
    pub reason: String,
    pub second: Vec<String>,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub reversed_by: Option<String>,
    pub reversed_at: Option<DateTime<Utc>>,
    /// The payment that moves as a whole, and where to.
    pub payment_id: Option<i64>,
    pub to_account: Option<i64>,
    /// Tiyn of debts that move.
    pub debt: i64,
    /// Tiyn of advances that move, as a positive sum; of a payment the whole of it.
    pub advance: i64,
}

const COLUMNS: &str = "t.id, t.kind, t.state, t.document_id, t.reason, t.second, t.proposed_by, t.proposed_at, t.decided_by, \
     t.reversed_by, t.reversed_at, t.payment_id, t.to_account, \
     (SELECT coalesce(sum(p.amount) FILTER (WHERE p.amount > 0), 0)::bigint FROM payments.transfer_part p WHERE p.transfer_id = t.id) AS debt, \
     coalesce((SELECT p.amount FROM payments.payment p WHERE p.id = t.payment_id), \
         (SELECT coalesce(-sum(p.amount) FILTER (WHERE p.amount < 0), 0)::bigint FROM payments.transfer_part p WHERE p.transfer_id = t.id)) AS advance";

/// A part of one open item on its way from account to account.
#[derive(Debug, Clone, FromQueryResult, serde::Serialize)]
pub struct Part {
    pub from_account: AccountId,
    pub to_account: AccountId,
    pub open_item_id: i64,
    pub service: Option<String>,
    pub component: String,
    pub origin: NaiveDate,
    pub due_on: NaiveDate,
    pub amount: i64,
}

pub async fn find(db: &impl ConnectionTrait, id: TransferId) -> Result<Option<Transfer>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM payments.transfer t WHERE t.id = $1"), [id.0.into()]).await
}

pub async fn lock(tx: &Tx, id: TransferId) -> Result<Option<Transfer>> {
    sql::one(
        tx,
        &format!("SELECT {COLUMNS} FROM payments.transfer t WHERE t.id = $1 FOR UPDATE OF t"),
        [id.0.into()],
    )
    .await
}

/// Transfers whose accounts are all in the scope, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    state: Option<TransferState>,
    account: Option<AccountId>,
    page: Page,
) -> Result<Slice<Transfer>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.transfer t
             WHERE ($4::text IS NULL OR t.state = $4)
               AND ($5::bigint IS NULL OR $5 = t.to_account
                    OR EXISTS (SELECT FROM payments.payment p WHERE p.id = t.payment_id AND p.account_id = $5)
                    OR EXISTS (SELECT FROM payments.transfer_part p
                    WHERE p.transfer_id = t.id AND $5 IN (p.from_account, p.to_account)))
               AND NOT EXISTS (
                    SELECT FROM (
                        SELECT p.from_account, p.to_account FROM payments.transfer_part p WHERE p.transfer_id = t.id
                        UNION ALL
                        SELECT p.account_id, t.to_account FROM payments.payment p WHERE p.id = t.payment_id
                    ) p JOIN subscribers.account a ON a.id IN (p.from_account, p.to_account)
                    WHERE NOT ({}))
               AND ($6::bigint IS NULL OR t.id < $6)
             ORDER BY t.id DESC LIMIT $7",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            state.map(TransferState::code).into(),
            account.map(|id| id.0).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

pub async fn parts(db: &impl ConnectionTrait, id: TransferId) -> Result<Vec<Part>> {
    Ok(parts_of(db, &[id]).await?.into_iter().map(|(_, part)| part).collect())
}

/// Parts of several transfers, each with whose it is.
pub async fn parts_of(db: &impl ConnectionTrait, ids: &[TransferId]) -> Result<Vec<(TransferId, Part)>> {
    #[derive(FromQueryResult)]
    struct Row {
        transfer_id: TransferId,
        #[sea_orm(nested)]
        part: Part,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT transfer_id, from_account, to_account, open_item_id, service, component, origin, due_on, amount
         FROM payments.transfer_part WHERE transfer_id = ANY ($1) ORDER BY transfer_id, n",
        [ids.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| (row.transfer_id, row.part)).collect())
}

/// A payment that is to move as a whole: it always waits for a second person.
pub async fn insert_payment(
    tx: &Tx,
    new: &NewTransfer,
    payment: PaymentId,
    to: AccountId,
) -> Result<TransferId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO payments.transfer (kind, state, document_id, reason, second, proposed_by, payment_id, to_account)
         VALUES ('payment', 'waiting', $1, $2, $3, $4, $5, $6) RETURNING id",
        [
            new.document.0.into(),
            new.reason.clone().into(),
            new.second.clone().into(),
            new.proposed_by.clone().into(),
            payment.0.into(),
            to.0.into(),
        ],
    )
    .await?;
    id.map(TransferId).ok_or(Broken::RecordNotInserted)
}

/// Which of the payments stand on other accounts now.
pub async fn moved(db: &impl ConnectionTrait, payments: Vec<i64>) -> Result<BTreeSet<i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        payment_id: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT payment_id FROM payments.transfer WHERE payment_id = ANY ($1) AND state = 'posted'",
        [payments.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.payment_id).collect())
}

/// Whether somebody proposed to move the payment already.
pub async fn waits(tx: &Tx, payment: PaymentId) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        tx,
        "SELECT EXISTS (SELECT FROM payments.transfer WHERE payment_id = $1 AND state = 'waiting')",
        [payment.0.into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// The account that a payment moved to.
pub async fn stands_on(tx: &Tx, payment: PaymentId) -> Result<Option<AccountId>> {
    let to: Option<i64> = sql::scalar(
        tx,
        "SELECT to_account FROM payments.transfer WHERE payment_id = $1 AND state = 'posted'",
        [payment.0.into()],
    )
    .await?;
    Ok(to.map(AccountId))
}

/// The items that a transfer was proposed of and that owe, or hold, less than that now.
pub async fn changed(tx: &Tx, id: TransferId) -> Result<i64> {
    let count: Option<i64> = sql::scalar(
        tx,
        "SELECT count(*) FROM (
             SELECT from_account, open_item_id, sum(amount) AS amount FROM payments.transfer_part WHERE transfer_id = $1
             GROUP BY 1, 2) p
         JOIN ledger.open_item o ON o.account_id = p.from_account AND o.id = p.open_item_id
         WHERE abs(o.amount - o.settled) < abs(p.amount)",
        [id.0.into()],
    )
    .await?;
    Ok(count.unwrap_or_default())
}

/// A transfer to be kept.
#[derive(Debug, Clone)]
pub struct NewTransfer {
    pub kind: TransferKind,
    pub state: TransferState,
    pub document: DocumentId,
    pub reason: String,
    pub second: Vec<String>,
    /// Who proposed it and who decided, where the caller is the second person.
    pub proposed_by: String,
    pub decided_by: Option<String>,
}

pub async fn insert(tx: &Tx, new: &NewTransfer, parts: &[Part]) -> Result<TransferId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO payments.transfer (kind, state, document_id, reason, second, proposed_by, decided_by, decided_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7::text IS NOT NULL THEN now() END) RETURNING id",
        [
            new.kind.code().into(),
            new.state.code().into(),
            new.document.0.into(),
            new.reason.clone().into(),
            new.second.clone().into(),
            new.proposed_by.clone().into(),
            new.decided_by.clone().into(),
        ],
    )
    .await?;
    let id = id.ok_or(Broken::RecordNotInserted)?;
    for (n, part) in (1_i32..).zip(parts) {
        sql::run(
            tx,
            "INSERT INTO payments.transfer_part (transfer_id, n, from_account, to_account, open_item_id, service, component,
                 origin, due_on, amount)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [
                id.into(),
                n.into(),
                part.from_account.0.into(),
                part.to_account.0.into(),
                part.open_item_id.into(),
                part.service.clone().into(),
                part.component.clone().into(),
                part.origin.into(),
                part.due_on.into(),
                part.amount.into(),
            ],
        )
        .await?;
    }
    Ok(TransferId(id))
}

pub async fn decide(tx: &Tx, id: TransferId, state: TransferState) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.transfer SET state = $2, decided_by = $3, decided_at = now() WHERE id = $1",
        [id.0.into(), state.code().into(), tx.actor().label.clone().into()],
    )
    .await
}

pub async fn reversed(tx: &Tx, id: TransferId, document: DocumentId) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.transfer SET state = 'reversed', reversed_by = $2, reversed_at = now(), reversal_document_id = $3
         WHERE id = $1",
        [id.0.into(), tx.actor().label.clone().into(), document.0.into()],
    )
    .await
}

/// Whether the utility's own people hold one of the accounts, today or last.
pub async fn of_staff(db: &impl ConnectionTrait, accounts: &[AccountId]) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        db,
        "SELECT EXISTS (SELECT FROM subscribers.holder h JOIN subscribers.party p ON p.id = h.party_id
             WHERE h.account_id = ANY ($1) AND upper_inf(h.recorded) AND p.is_staff)",
        [accounts.iter().map(|id| id.0).collect::<Vec<_>>().into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

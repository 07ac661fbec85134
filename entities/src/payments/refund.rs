//! Money given back to payers.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::kernel::*;
use domain::payments::RefundState;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Broken, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Refund {
    pub id: i64,
    pub key: String,
    pub account_id: AccountId,
    pub payment_id: PaymentId,
    pub sector: Sector,
    pub period: Option<NaiveDate>,
    pub amount: i64,
    pub means: String,
    pub requisites: Option<Vec<u8>>,
    pub state: RefundState,
    pub second: Vec<String>,
    pub document_id: DocumentId,
    pub reason: String,
    pub proposed_by: String,
    pub proposed_at: DateTime<Utc>,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub paid_on: Option<NaiveDate>,
    pub paid_reference: Option<String>,
}

impl Refund {
    pub fn amount(&self) -> Money {
        Money::from_tiyn(self.amount)
    }
}

const COLUMNS: &str = "r.id, r.key, r.account_id, r.payment_id, r.sector, r.period, r.amount, r.means, r.requisites, r.state, r.second, \
     r.document_id, r.reason, r.proposed_by, r.proposed_at, r.decided_by, r.decided_at, r.paid_on, r.paid_reference";

pub async fn find(db: &impl ConnectionTrait, id: RefundId) -> Result<Option<Refund>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM payments.refund r WHERE r.id = $1"), [id.0.into()]).await
}

pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Refund>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM payments.refund r WHERE r.id = ANY ($1)"), [ids.into()])
        .await
}

/// The refund that holds a key.
pub async fn by_key(db: &impl ConnectionTrait, key: &str) -> Result<Option<Refund>> {
    sql::one(db, &format!("SELECT {COLUMNS} FROM payments.refund r WHERE r.key = $1"), [key.into()]).await
}

pub async fn lock(tx: &Tx, id: RefundId) -> Result<Option<Refund>> {
    sql::one(
        tx,
        &format!("SELECT {COLUMNS} FROM payments.refund r WHERE r.id = $1 FOR UPDATE"),
        [id.0.into()],
    )
    .await
}

/// Of accounts in the scope, newest first.
pub async fn list(
    db: &impl ConnectionTrait,
    scope: &Scope,
    state: Option<RefundState>,
    account: Option<AccountId>,
    page: Page,
) -> Result<Slice<Refund>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.refund r JOIN subscribers.account a ON a.id = r.account_id
             WHERE {} AND ($4::text IS NULL OR r.state = $4) AND ($5::bigint IS NULL OR r.account_id = $5)
               AND ($6::bigint IS NULL OR r.id < $6)
             ORDER BY r.id DESC LIMIT $7",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            state.map(RefundState::code).into(),
            account.map(|id| id.0).into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// Tiyn of a payment that went back, or are about to, besides one refund.
pub async fn gone_of(tx: &Tx, payment: PaymentId, besides: Option<RefundId>) -> Result<Money> {
    let sum: Option<i64> = sql::scalar(
        tx,
        "SELECT coalesce(sum(amount), 0)::bigint FROM payments.refund
         WHERE payment_id = $1 AND state IN ('waiting', 'posted', 'paid') AND id IS DISTINCT FROM $2",
        [payment.0.into(), besides.map(|id| id.0).into()],
    )
    .await?;
    Ok(Money::from_tiyn(sum.unwrap_or_default()))
}

/// Of which of the payments money went back, or is about to.
pub async fn holding(db: &impl ConnectionTrait, payments: Vec<i64>) -> Result<BTreeSet<i64>> {
    #[derive(FromQueryResult)]
    struct Row {
        payment_id: i64,
    }
    let rows: Vec<Row> = sql::all(
        db,
        "SELECT DISTINCT payment_id FROM payments.refund
         WHERE payment_id = ANY ($1) AND state IN ('waiting', 'posted', 'paid')",
        [payments.into()],
    )
    .await?;
    Ok(rows.into_iter().map(|row| row.payment_id).collect())
}

/// Tiyn of an account that wait to go back, besides one refund: they are promised.
pub async fn promised(tx: &Tx, account: AccountId, besides: Option<RefundId>) -> Result<Money> {
    let sum: Option<i64> = sql::scalar(
        tx,
        "SELECT coalesce(sum(amount), 0)::bigint FROM payments.refund
         WHERE account_id = $1 AND state = 'waiting' AND id IS DISTINCT FROM $2",
        [account.0.into(), besides.map(|id| id.0).into()],
    )
    .await?;
    Ok(Money::from_tiyn(sum.unwrap_or_default()))
}

/// A refund to be kept.
#[derive(Debug, Clone)]
pub struct NewRefund {
    pub key: String,
    pub account: AccountId,
    pub payment: PaymentId,
    pub sector: Sector,
    pub amount: Money,
    pub means: String,
    pub requisites: Option<Vec<u8>>,
    pub second: Vec<String>,
    pub document: DocumentId,
    pub reason: String,
    /// The business day.
    pub asked_on: NaiveDate,
}

/// Kept as one that waits; posting it is a step of its own.
pub async fn insert(tx: &Tx, new: &NewRefund) -> Result<RefundId> {
    let id: Option<i64> = sql::scalar(
        tx,
        "INSERT INTO payments.refund (key, account_id, payment_id, sector, amount, means, requisites, state, second, document_id, reason,
             proposed_by, asked_on)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', $8, $9, $10, $11, $12) RETURNING id",
        [
            new.key.clone().into(),
            new.account.0.into(),
            new.payment.0.into(),
            new.sector.code().into(),
            new.amount.tiyn().into(),
            new.means.clone().into(),
            new.requisites.clone().into(),
            new.second.clone().into(),
            new.document.0.into(),
            new.reason.clone().into(),
            tx.actor().label.clone().into(),
            new.asked_on.into(),
        ],
    )
    .await?;
    id.map(RefundId).ok_or(Broken::RecordNotInserted)
}

/// In the books of a month.
pub async fn posted(tx: &Tx, id: RefundId, period: Period, by_second: bool) -> Result<u64> {
    let by = by_second.then(|| tx.actor().label.clone());
    sql::run(
        tx,
        "UPDATE payments.refund SET state = 'posted', period = $2, decided_by = $3, decided_at = CASE WHEN $3::text IS NOT NULL THEN now() END
         WHERE id = $1",
        [id.0.into(), period.first_day().into(), by.into()],
    )
    .await
}

pub async fn declined(tx: &Tx, id: RefundId) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.refund SET state = 'declined', decided_by = $2, decided_at = now() WHERE id = $1",
        [id.0.into(), tx.actor().label.clone().into()],
    )
    .await
}

/// The payer has it.
pub async fn paid(tx: &Tx, id: RefundId, on: NaiveDate, reference: &str) -> Result<u64> {
    sql::run(
        tx,
        "UPDATE payments.refund SET state = 'paid', paid_on = $2, paid_reference = $3 WHERE id = $1",
        [id.0.into(), on.into(), reference.into()],
    )
    .await
}

/// Whether our own bank gave back what an agent had taken, and the books say so.
pub async fn paid_by_bank(tx: &Tx, id: RefundId, account: AccountId) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        tx,
        "SELECT EXISTS (SELECT FROM ledger.entry WHERE account_id = $2 AND source = 'refund' AND source_id = $1
             AND debit = 'agent_clearing' AND credit = 'bank_clearing')",
        [id.0.into(), account.0.into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// Whether a line of a statement was posted as this refund.
pub async fn on_statement(tx: &Tx, id: RefundId) -> Result<bool> {
    let found: Option<bool> = sql::scalar(
        tx,
        "SELECT EXISTS (SELECT FROM payments.statement_line WHERE refund_id = $1 AND decision = 'posted')",
        [id.0.into()],
    )
    .await?;
    Ok(found.unwrap_or_default())
}

/// It came back.
pub async fn returned(tx: &Tx, id: RefundId) -> Result<u64> {
    sql::run(tx, "UPDATE payments.refund SET state = 'returned' WHERE id = $1", [id.0.into()]).await
}

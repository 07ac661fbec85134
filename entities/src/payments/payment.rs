//! Reading payments.

use chrono::{DateTime, NaiveDate, Utc};
use domain::access::Scope;
use domain::kernel::*;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Page, Result, ScopeArgs, Slice, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Payment {
    pub id: i64,
    pub account_id: i64,
    pub sector: String,
    pub period: NaiveDate,
    pub channel: String,
    pub external_id: String,
    pub amount: i64,
    pub paid_on: NaiveDate,
    pub received_at: DateTime<Utc>,
    pub received_by: String,
    pub agent_id: Option<i64>,
    pub notes: Vec<String>,
    pub reverses: Option<i64>,
    pub reversed: bool,
    /// Taken over the counter: only its cash desk undoes it.
    pub at_desk: bool,
    /// What it is for, as `PaymentTarget` spells it.
    pub target: Option<String>,
    /// The payer's moment, where the channel said it.
    pub paid_at: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "p.id, p.account_id, p.sector, p.period, p.channel, p.external_id, p.amount, p.paid_on, p.received_at, \
     p.received_by, p.agent_id, p.notes, p.reverses, \
     EXISTS (SELECT FROM payments.payment r WHERE r.reverses = p.id) AS reversed, \
     EXISTS (SELECT FROM payments.taken_at_desk d WHERE d.payment_id = p.id) AS at_desk, p.target, p.paid_at";

pub async fn visible_to(db: &impl ConnectionTrait, scope: &Scope, id: PaymentId) -> Result<Option<Payment>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let sql = format!(
        "SELECT {COLUMNS} FROM payments.payment p JOIN subscribers.account a ON a.id = p.account_id
         WHERE {} AND p.id = $4",
        ScopeArgs::WHERE
    );
    sql::one(db, &sql, [sectors, districts, accounts, id.0.into()]).await
}

/// Whatever their accounts: the caller looks who may see them.
pub async fn by_ids(db: &impl ConnectionTrait, ids: Vec<i64>) -> Result<Vec<Payment>> {
    sql::all(db, &format!("SELECT {COLUMNS} FROM payments.payment p WHERE p.id = ANY ($1)"), [ids.into()])
        .await
}

/// The account that a payment was credited to.
pub async fn account_of(db: &impl ConnectionTrait, id: Option<PaymentId>) -> Result<Option<AccountId>> {
    let Some(id) = id else { return Ok(None) };
    let of: Option<i64> =
        sql::scalar(db, "SELECT account_id FROM payments.payment WHERE id = $1", [id.0.into()]).await?;
    Ok(of.map(AccountId))
}

/// Locks payments until the end of the transaction: who reverses one of them second waits, and sees that it is done.
pub async fn lock(tx: &Tx, ids: &[i64]) -> Result<u64> {
    sql::run(
        tx,
        "SELECT FROM payments.payment p WHERE p.id = ANY ($1) ORDER BY p.id FOR UPDATE",
        [ids.to_vec().into()],
    )
    .await
}

/// The same of all that a file brought.
pub async fn lock_batch(tx: &Tx, batch: ImportBatchId) -> Result<u64> {
    sql::run(
        tx,
        "SELECT FROM payments.payment p WHERE p.import_batch_id = $1 ORDER BY p.id FOR UPDATE",
        [batch.0.into()],
    )
    .await
}

/// The newest payments of each account, `page.first` of each: one statement for any number of accounts.
/// Those of a day before `since` are left out.
pub async fn of_accounts(
    db: &Db,
    accounts: Vec<i64>,
    since: Option<NaiveDate>,
    page: &Page,
) -> Result<Vec<Payment>> {
    sql::all(
        db,
        &format!(
            "SELECT x.* FROM unnest($1::bigint[]) AS a (id)
             CROSS JOIN LATERAL (
                 SELECT {COLUMNS} FROM payments.payment p WHERE p.account_id = a.id AND ($2::bigint IS NULL OR p.id < $2)
                   AND ($4::date IS NULL OR p.paid_on >= $4)
                 ORDER BY p.id DESC LIMIT $3) x"
        ),
        [accounts.into(), page.after.into(), page.limit().into(), since.into()],
    )
    .await
}

/// Newest first.
pub async fn list(
    db: &Db,
    scope: &Scope,
    period: Option<Period>,
    sector: Option<Sector>,
    channel: Option<String>,
    page: Page,
) -> Result<Slice<Payment>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.payment p JOIN subscribers.account a ON a.id = p.account_id
             WHERE {} AND ($4::date IS NULL OR p.period = $4) AND ($5::text IS NULL OR p.sector = $5)
               AND ($6::text IS NULL OR p.channel = $6) AND ($7::bigint IS NULL OR p.id < $7)
             ORDER BY p.id DESC LIMIT $8",
            ScopeArgs::WHERE
        ),
        [
            sectors,
            districts,
            accounts,
            period.map(|p| p.first_day()).into(),
            sector.map(|s| s.code().to_owned()).into(),
            channel.into(),
            page.after.into(),
            page.limit().into(),
        ],
    )
    .await?;
    Ok(Slice::of(rows, page.first))
}

/// The payments of a file that stand, in their order.
pub async fn of_batch(db: &impl ConnectionTrait, batch: ImportBatchId) -> Result<Vec<Payment>> {
    sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.payment p
             WHERE p.import_batch_id = $1 AND p.reverses IS NULL
               AND NOT EXISTS (SELECT FROM payments.payment r WHERE r.reverses = p.id)
             ORDER BY p.id"
        ),
        [batch.0.into()],
    )
    .await
}

/// What a payment settled.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Settled {
    pub payment_id: i64,
    pub account_id: i64,
    pub open_item_id: i64,
    pub amount: i64,
}

/// Payments of accounts of a scope by their ids, under a lock.
pub async fn lock_visible(tx: &Tx, ids: Vec<i64>) -> Result<Vec<Payment>> {
    lock(tx, &ids).await?;
    let [sectors, districts, accounts] = ScopeArgs::from(tx.scope()).values();
    sql::all(
        tx,
        &format!(
            "SELECT {COLUMNS} FROM payments.payment p JOIN subscribers.account a ON a.id = p.account_id
             WHERE {} AND p.id = ANY ($4) ORDER BY p.id",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, ids.into()],
    )
    .await
}

/// What advances have covered, and what that took off themselves: `payment_id` is the advance.
pub async fn offset_by(db: &impl ConnectionTrait, advances: Vec<i64>) -> Result<Vec<Settled>> {
    sql::all(
        db,
        "SELECT source_id AS payment_id, account_id, open_item_id, sum(amount)::bigint AS amount FROM ledger.settlement
         WHERE source = 'advance' AND source_id = ANY ($1)
         GROUP BY source_id, account_id, open_item_id HAVING sum(amount) <> 0 ORDER BY 1, 3",
        [advances.into()],
    )
    .await
}

/// What sources of one kind (payments, transfers of payments) cover of each item, each of its own account; of one that was allocated
/// anew what is left.
pub async fn settled_by(
    db: &impl ConnectionTrait,
    source: &str,
    made: &[(AccountId, i64)],
) -> Result<Vec<Settled>> {
    sql::all(
        db,
        "SELECT s.source_id AS payment_id, s.account_id, s.open_item_id, sum(s.amount)::bigint AS amount
         FROM unnest($2::bigint[], $3::bigint[]) AS m (account_id, id)
         JOIN ledger.settlement s ON s.source = $1 AND s.source_id = m.id AND s.account_id = m.account_id
         GROUP BY s.source_id, s.account_id, s.open_item_id HAVING sum(s.amount) <> 0 ORDER BY s.source_id, min(s.id)",
        [
            source.into(),
            made.iter().map(|(account, _)| account.0).collect::<Vec<_>>().into(),
            made.iter().map(|(_, id)| *id).collect::<Vec<_>>().into(),
        ],
    )
    .await
}

/// What payments cover now, of any number of them; what was put together again of an advance is no debt.
pub async fn covers(db: &impl ConnectionTrait, payments: Vec<i64>) -> Result<Vec<Settled>> {
    sql::all(
        db,
        "SELECT source_id AS payment_id, account_id, open_item_id, sum(amount)::bigint AS amount FROM ledger.settlement
         WHERE source = 'payment' AND source_id = ANY ($1)
         GROUP BY source_id, account_id, open_item_id HAVING sum(amount) > 0 ORDER BY source_id, min(id)",
        [payments.into()],
    )
    .await
}

//! Links on which subscribers pay in a provider's application.

use chrono::{DateTime, Utc};
use domain::access::Scope;
use domain::kernel::*;
use domain::payments::PaymentLinkState;
use sea_orm::{ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use crate::kernel::{Result, ScopeArgs, Tx, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Link {
    pub id: i64,
    pub account_id: i64,
    pub channel: String,
    pub amount: i64,
    pub reference: Uuid,
    pub state: PaymentLinkState,
    pub provider_id: Option<String>,
    pub url: Option<String>,
    pub expires_at: Option<DateTime<Utc>>,
    pub payment_id: Option<i64>,
    pub created_at: DateTime<Utc>,
    pub checks: i32,
}

const COLUMNS: &str = "l.id, l.account_id, l.channel, l.amount, l.reference, l.state, l.provider_id, l.url, l.expires_at, \
     l.payment_id, l.created_at, l.checks";

/// A new link, or the one that this person asked for under this key before; whether it is new.
pub async fn ask(
    tx: &Tx,
    account: AccountId,
    channel: &str,
    amount: Money,
    key: &str,
) -> Result<Option<(Link, bool)>> {
    let by = tx.actor().label.clone();
    let made: Option<Link> = sql::one(
        tx,
        &format!(
            "INSERT INTO payments.link AS l (account_id, channel, amount, reference, key, created_by)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (created_by, key) DO NOTHING RETURNING {COLUMNS}"
        ),
        [
            account.0.into(),
            channel.into(),
            amount.tiyn().into(),
            Uuid::now_v7().into(),
            key.into(),
            by.clone().into(),
        ],
    )
    .await?;
    if let Some(link) = made {
        return Ok(Some((link, true)));
    }
    let old: Option<Link> = sql::one(
        tx,
        &format!("SELECT {COLUMNS} FROM payments.link l WHERE l.created_by = $1 AND l.key = $2"),
        [by.into(), key.into()],
    )
    .await?;
    Ok(old.map(|link| (link, false)))
}

pub async fn visible_to(db: &impl ConnectionTrait, scope: &Scope, id: PaymentLinkId) -> Result<Option<Link>> {
    let [sectors, districts, accounts] = ScopeArgs::from(scope).values();
    sql::one(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.link l JOIN subscribers.account a ON a.id = l.account_id WHERE {} AND l.id = $4",
            ScopeArgs::WHERE
        ),
        [sectors, districts, accounts, id.0.into()],
    )
    .await
}

/// The provider has made it: from now on it is asked what became of it.
pub async fn made(
    tx: &Tx,
    id: i64,
    provider_id: &str,
    url: &str,
    expires_at: Option<DateTime<Utc>>,
    next_check: DateTime<Utc>,
) -> Result<()> {
    sql::run(
        tx,
        "UPDATE payments.link SET state = 'waiting', provider_id = $2, url = $3, expires_at = $4, next_check = $5 WHERE id = $1",
        [id.into(), provider_id.into(), url.into(), expires_at.into(), next_check.into()],
    )
    .await
    .map(drop)
}

/// Something became of it, or nothing yet: when the provider is asked next, and whether the state is another one.
pub async fn became(
    tx: &Tx,
    id: i64,
    state: PaymentLinkState,
    payment: Option<PaymentId>,
    error: Option<&str>,
    next_check: Option<DateTime<Utc>>,
) -> Result<()> {
    sql::run(
        tx,
        "UPDATE payments.link SET state = $2, payment_id = $3, error = $4, next_check = $5, checks = checks + 1 WHERE id = $1",
        [
            id.into(),
            state.code().into(),
            payment.map(|id| id.0).into(),
            error.map(str::to_owned).into(),
            next_check.into(),
        ],
    )
    .await
    .map(drop)
}

/// What became of it could not be written down: it is looked at again later, unless somebody has found out meanwhile.
pub async fn put_off(tx: &Tx, id: i64, error: &str, next_check: DateTime<Utc>) -> Result<()> {
    sql::run(
        tx,
        "UPDATE payments.link SET error = $2, next_check = $3, checks = checks + 1 WHERE id = $1 AND next_check IS NOT NULL",
        [id.into(), error.into(), next_check.into()],
    )
    .await
    .map(drop)
}

/// When the provider is to be asked next, about one link or any; none where nothing is open.
pub async fn next_check(db: &impl ConnectionTrait, id: Option<i64>) -> Result<Option<DateTime<Utc>>> {
    let at: Option<Option<DateTime<Utc>>> = sql::scalar(
        db,
        "SELECT min(next_check) FROM payments.link WHERE next_check IS NOT NULL AND ($1::bigint IS NULL OR id = $1)",
        [id.into()],
    )
    .await?;
    Ok(at.flatten())
}

/// Links that are still open: whether any is due, and how many wait.
pub async fn due(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(Vec<Link>, i64)> {
    let rows = sql::all(
        db,
        &format!(
            "SELECT {COLUMNS} FROM payments.link l WHERE l.next_check <= $1 ORDER BY l.next_check LIMIT 50"
        ),
        [now.into()],
    )
    .await?;
    let open: Option<i64> =
        sql::scalar(db, "SELECT count(*) FROM payments.link WHERE next_check IS NOT NULL", []).await?;
    Ok((rows, open.unwrap_or_default()))
}

/// The link, locked: who looks at it second sees what the first one found.
pub async fn lock(tx: &Tx, id: i64) -> Result<Option<Link>> {
    sql::one(tx, &format!("SELECT {COLUMNS} FROM payments.link l WHERE l.id = $1 FOR UPDATE"), [id.into()])
        .await
}

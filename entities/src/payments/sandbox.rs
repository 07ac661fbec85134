//! Payments of sandboxes: the same keys and answers as real ones, no money.

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::Money;
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Db, Result, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub struct Payment {
    pub id: i64,
    pub account: String,
    pub amount: i64,
    pub paid_at: Option<DateTime<Utc>>,
    pub taken_at: DateTime<Utc>,
    pub answer: Vec<u8>,
    pub cancelled_at: Option<DateTime<Utc>>,
}

pub async fn find(db: &impl ConnectionTrait, channel: &str, number: &str) -> Result<Option<Payment>> {
    sql::one(
        db,
        "SELECT id, account, amount, paid_at, taken_at, answer, cancelled_at FROM payments.sandbox_payment
         WHERE channel = $1 AND external_id = $2",
        [channel.into(), number.into()],
    )
    .await
}

/// What the channel paid to a test account in the last day, in tiyn, and whether that was the same sum a moment ago.
pub async fn paid(
    db: &impl ConnectionTrait,
    channel: &str,
    account: &str,
    amount: Money,
    now: DateTime<Utc>,
    recent_minutes: i32,
) -> Result<(Money, bool)> {
    #[derive(FromQueryResult)]
    struct Row {
        paid: i64,
        recent: bool,
    }
    let row: Option<Row> = sql::one(
        db,
        "SELECT coalesce(sum(amount), 0)::bigint AS paid,
                coalesce(bool_or(amount = $3 AND taken_at > $4::timestamptz - make_interval(mins => $5)), false) AS recent
         FROM payments.sandbox_payment
         WHERE channel = $1 AND account = $2 AND cancelled_at IS NULL AND taken_at > $4::timestamptz - interval '1 day'",
        [channel.into(), account.into(), amount.tiyn().into(), now.into(), recent_minutes.into()],
    )
    .await?;
    Ok(row.map_or((Money::ZERO, false), |row| (Money::from_tiyn(row.paid), row.recent)))
}

/// The next number of a payment: sandboxes share them with real ones, so that no two are alike.
pub async fn next_id(db: &impl ConnectionTrait) -> Result<i64> {
    let id = sql::scalar(db, "SELECT nextval('payments.payment_id')", []).await?;
    id.ok_or_else(|| crate::kernel::Broken::RecordNotFound("payments.payment_id".into()))
}

/// A payment ready to be kept.
#[derive(Debug, Clone)]
pub struct New<'a> {
    pub id: i64,
    pub channel: &'a str,
    pub number: &'a str,
    pub account: &'a str,
    pub amount: Money,
    pub paid_at: Option<DateTime<Utc>>,
    pub paid_on: NaiveDate,
    pub taken_at: DateTime<Utc>,
    pub answer: &'a [u8],
}

/// `false` when the number was taken meanwhile.
pub async fn insert(db: &Db, new: New<'_>) -> Result<bool> {
    let touched = sql::run(
        db,
        "INSERT INTO payments.sandbox_payment (id, channel, external_id, account, amount, paid_at, paid_on, taken_at, answer)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (channel, external_id) DO NOTHING",
        [
            new.id.into(),
            new.channel.into(),
            new.number.into(),
            new.account.into(),
            new.amount.tiyn().into(),
            new.paid_at.into(),
            new.paid_on.into(),
            new.taken_at.into(),
            new.answer.to_vec().into(),
        ],
    )
    .await?;
    Ok(touched == 1)
}

pub async fn cancel(db: &Db, channel: &str, number: &str, at: DateTime<Utc>) -> Result<()> {
    sql::run(
        db,
        "UPDATE payments.sandbox_payment SET cancelled_at = $3
         WHERE channel = $1 AND external_id = $2 AND cancelled_at IS NULL",
        [channel.into(), number.into(), at.into()],
    )
    .await
    .map(drop)
}

/// Counts an attempt; which one it is.
pub async fn attempt(db: &Db, channel: &str, number: &str) -> Result<i32> {
    let attempts = sql::scalar(
        db,
        "INSERT INTO payments.sandbox_attempt AS a (channel, external_id, attempts) VALUES ($1, $2, 1)
         ON CONFLICT (channel, external_id) DO UPDATE SET attempts = a.attempts + 1 RETURNING attempts",
        [channel.into(), number.into()],
    )
    .await?;
    attempts.ok_or_else(|| crate::kernel::Broken::RecordNotInserted)
}

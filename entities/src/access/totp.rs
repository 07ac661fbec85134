//! Second factors of the staff.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, Tx, sql};

/// A second factor as it is kept.
#[derive(Debug, Clone, FromQueryResult)]
pub struct Kept {
    /// Sealed by the vault.
    pub secret: Vec<u8>,
    pub confirmed: bool,
    /// Asked for at sign-in from then on.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Codes on paper that have not been used.
    pub paper: i32,
    /// Half-minute of the last code that was accepted.
    pub last_step: i64,
}

pub async fn find(db: &impl ConnectionTrait, staff: i64) -> Result<Option<Kept>> {
    sql::one(
        db,
        "SELECT secret, confirmed_at IS NOT NULL AS confirmed, confirmed_at, cardinality(recovery) AS paper, last_step FROM access.totp WHERE staff_id = $1",
        [staff.into()],
    )
    .await
}

/// A secret not confirmed yet takes the place of another such; `false` when one is in use.
pub async fn start(tx: &Tx, staff: i64, secret: Vec<u8>) -> Result<bool> {
    let touched = sql::run(
        tx,
        "INSERT INTO access.totp (staff_id, secret) VALUES ($1, $2)
         ON CONFLICT (staff_id) DO UPDATE SET secret = excluded.secret, created_at = now()
         WHERE totp.confirmed_at IS NULL",
        [staff.into(), secret.into()],
    )
    .await?;
    Ok(touched == 1)
}

pub async fn confirm(tx: &Tx, staff: i64, step: i64, recovery: Vec<Vec<u8>>) -> Result<()> {
    sql::run(
        tx,
        "UPDATE access.totp SET confirmed_at = now(), last_step = $2, recovery = $3 WHERE staff_id = $1",
        [staff.into(), step.into(), recovery.into()],
    )
    .await
    .map(drop)
}

/// Takes a half-minute: `false` when a code of it, or of a later one, was accepted before.
pub async fn take_step(db: &impl ConnectionTrait, staff: i64, step: i64) -> Result<bool> {
    let touched = sql::run(
        db,
        "UPDATE access.totp SET last_step = $2 WHERE staff_id = $1 AND last_step < $2",
        [staff.into(), step.into()],
    )
    .await?;
    Ok(touched == 1)
}

/// Takes a code on paper: how many are left, nothing when there is none such.
pub async fn take_recovery(db: &impl ConnectionTrait, staff: i64, hash: Vec<u8>) -> Result<Option<i32>> {
    sql::scalar(
        db,
        "UPDATE access.totp SET recovery = array_remove(recovery, $2) WHERE staff_id = $1 AND $2 = ANY (recovery)
         RETURNING cardinality(recovery)",
        [staff.into(), hash.into()],
    )
    .await
}

/// Other codes on paper: those of before open nothing any more.
pub async fn set_recovery(tx: &Tx, staff: i64, recovery: Vec<Vec<u8>>) -> Result<()> {
    sql::run(tx, "UPDATE access.totp SET recovery = $2 WHERE staff_id = $1", [staff.into(), recovery.into()])
        .await
        .map(drop)
}

/// `false` when there was none.
pub async fn remove(tx: &Tx, staff: i64) -> Result<bool> {
    Ok(sql::run(tx, "DELETE FROM access.totp WHERE staff_id = $1", [staff.into()]).await? == 1)
}

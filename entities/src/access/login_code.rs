//! One-time codes of subscribers.

use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::kernel::{Result, Tx, sql};

/// Minutes a code lives.
pub const MINUTES: i32 = 5;
/// Guesses a code allows.
pub const ATTEMPTS: i32 = 5;

/// Keeps a code's hash; the codes before it stop working.
pub async fn insert(tx: &Tx, account: i64, channel: &str, hash: &[u8]) -> Result<()> {
    sql::run(
        tx,
        "INSERT INTO access.login_code (account_id, channel, code_hash, expires_at)
         VALUES ($1, $2, $3, now() + make_interval(mins => $4))",
        [account.into(), channel.into(), hash.to_vec().into(), MINUTES.into()],
    )
    .await?;
    Ok(())
}

#[derive(Debug, Clone, FromQueryResult)]
pub struct Code {
    pub id: i64,
    pub code_hash: Vec<u8>,
}

/// The account's newest code with one guess taken from it, before the guess is looked at; `None` when there is nothing left
/// to guess.
pub async fn attempt(db: &impl ConnectionTrait, account: i64) -> Result<Option<Code>> {
    sql::one(
        db,
        "UPDATE access.login_code SET attempts = attempts + 1
         WHERE id = (SELECT max(id) FROM access.login_code WHERE account_id = $1)
           AND used_at IS NULL AND expires_at > now() AND attempts < $2
         RETURNING id, code_hash",
        [account.into(), ATTEMPTS.into()],
    )
    .await
}

/// Codes that were sent to who held the account before work no more.
pub async fn forget(tx: &Tx, account: i64) -> Result<()> {
    sql::run(
        tx,
        "UPDATE access.login_code SET expires_at = now() WHERE account_id = $1 AND used_at IS NULL AND expires_at > now()",
        [account.into()],
    )
    .await?;
    Ok(())
}

/// Marks a code as used; `false` when somebody was faster.
pub async fn consume(tx: &Tx, id: i64) -> Result<bool> {
    let touched = sql::run(
        tx,
        "UPDATE access.login_code SET used_at = now() WHERE id = $1 AND used_at IS NULL",
        [id.into()],
    )
    .await?;
    Ok(touched == 1)
}
